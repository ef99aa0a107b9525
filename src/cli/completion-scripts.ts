/** What `plow completion` prints. Each asks `plow __complete` at every tab, so that none needs to be renewed with plow. */

/** bash has split words at = and : by then, and replaces only what is behind: plow is asked about whole words. */
const BASH = `# bash completion for plow: source <(plow completion bash)
_plow() {
  local line=\${COMP_LINE:0:COMP_POINT} current=\${COMP_WORDS[COMP_CWORD]} words word before
  read -a words <<< "$line"
  [[ $line == *[[:space:]] ]] && words+=('')
  word=\${words[-1]}
  before=\${word%"\${word##*[=:]}"}
  [[ $COMP_WORDBREAKS == *=* && $COMP_WORDBREAKS == *:* ]] || before=
  COMPREPLY=()
  while IFS= read -r line; do
    case $line in
      $'\\x1f'directories) _plow_files "\${word#"$before"}" ;;
      $'\\x1f'files\\ *) _plow_files "\${word#"$before"}" \${line#*files } ;;
      *)
        line=\${line%%$'\\t'*}
        [[ $line == *= ]] && compopt -o nospace
        printf -v line %q "\${line#"$before"}"
        line=\${line//\\\\,/,}
        COMPREPLY+=("$line")
        ;;
    esac
  done < <(plow __complete -- "\${words[@]:1}" 2> /dev/null)
}
_plow_files() {
  local file ending
  compopt -o filenames
  while IFS= read -r file; do
    if [[ -d $file ]]; then COMPREPLY+=("$file"); fi
    for ending in "\${@:2}"; do [[ ! -d $file && $file == *."$ending" ]] && COMPREPLY+=("$file"); done
  done < <(compgen -f -- "$1")
}
complete -F _plow plow
`;

const ZSH = `#compdef plow
# zsh completion for plow: plow completion zsh > "\${fpath[1]}/_plow"
_plow() {
  local line
  local -a words_so_far open_words open_texts words_done texts_done
  words_so_far=("\${(@Q)words[2,CURRENT]}")
  for line in "\${(@f)$(plow __complete -- "\${words_so_far[@]}" 2> /dev/null)}"; do
    case $line in
      '') ;;
      $'\\x1f'directories) _files -/ ;;
      $'\\x1f'files\\ *) _files -g "*.(\${\${line#*files }// /|})(-.)" ;;
      *)
        local word=\${line%%$'\\t'*} text=\${line//$'\\t'/  -- }
        if [[ $word == *= ]]; then open_words+=("$word") open_texts+=("$text")
        else words_done+=("$word") texts_done+=("$text"); fi
        ;;
    esac
  done
  (( \${#open_words} )) && compadd -S '' -l -d open_texts -a open_words
  (( \${#words_done} )) && compadd -l -d texts_done -a words_done
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then _plow "$@"; else compdef _plow plow; fi
`;

const FISH = `# fish completion for plow: plow completion fish > ~/.config/fish/completions/plow.fish
function __plow_complete
  set -l words (commandline -opc) (commandline -ct)
  for line in (plow __complete -- $words[2..-1] 2> /dev/null)
    switch $line
      case \\x1f'*'
        __plow_files (string split ' ' (string replace -r '^\\S+ ?' '' -- $line))
      case '*'
        echo $line
    end
  end
end
function __plow_files
  set -l flag (commandline -ct | string match -r '^--[^=]*=')
  set -l current (commandline -ct | string replace -r '^--[^=]*=' '' | string unescape)
  for file in $current*
    if test -d $file
      echo "$flag$file/"
    else if contains -- (string match -r '[^.]*$' -- $file) $argv
      echo "$flag$file"
    end
  end
end
complete -c plow -f -a '(__plow_complete)'
`;

export const COMPLETION_SCRIPTS = { bash: BASH, zsh: ZSH, fish: FISH } as const;
