/**
 * What `plow completion` prints. Each asks `plow __complete` at every tab, so that none needs to be renewed
 * with plow.
 */

/**
 * Of an open word bash replaces only what is behind a quote, = or :, so the line is read again, and the
 * answer is cut.
 */
const BASH = `# bash completion for plow: source <(plow completion bash)
_plow() {
  local words=() from=0 quote='' line
  _plow_read "\${COMP_LINE:0:COMP_POINT}"
  local before=\${words[-1]:0:from}
  COMPREPLY=()
  while IFS= read -r line; do
    case $line in
      $'\\x1f'directories) _plow_files "\${words[-1]:from}" ;;
      $'\\x1f'files\\ *) _plow_files "\${words[-1]:from}" \${line#*files } ;;
      *)
        line=\${line%%$'\\t'*}
        [[ $line == *[=:] ]] && compopt -o nospace
        _plow_quote "\${line#"$before"}"
        ;;
    esac
  done < <(plow __complete -- "\${words[@]:1}" 2> /dev/null)
}
# Splits a line as the shell does, but expands nothing. What bash is to replace begins at \`from\` of the last word.
_plow_read() {
  local i char next word='' begun='' before=0
  for ((i = 0; i < \${#1}; i++)); do
    char=\${1:i:1} next=\${1:i+1:1}
    if [[ $char == \\\\ && ( -z $quote || $quote == '"' && $next == [\\\\\\"\\$\\\`] ) ]]; then
      word+=$next
      ((i++))
    elif [[ $char == "$quote" ]]; then
      quote='' from=$before
    elif [[ -n $quote ]]; then
      word+=$char
    elif [[ $char == [\\"\\'] ]]; then
      quote=$char before=$from from=\${#word}
    elif [[ $char == [[:space:]] ]]; then
      [[ -n $begun ]] && words+=("$word")
      word='' begun='' from=0
      continue
    else
      word+=$char
      [[ $COMP_WORDBREAKS == *"$char"* ]] && from=\${#word}
    fi
    begun=1
  done
  words+=("$word")
}
_plow_quote() {
  local text=$1 char
  case $quote in
    \\') text=\${text//\\'/\\'\\\\\\'\\'} ;;
    \\")
      # There is no way to write it there that the history leaves alone.
      [[ $text == *!* ]] && return
      for char in \\\\ \\" \\$ \\\`; do text=\${text//"$char"/\\\\"$char"}; done
      ;;
    *)
      printf -v text %q "$text"
      text=\${text//\\\\,/,}
      ;;
  esac
  COMPREPLY+=("$text")
}
_plow_files() {
  local file path ending
  compopt -o filenames
  while IFS= read -r file; do
    path=\${file/#'~/'/"$HOME/"}
    if [[ -d $path ]]; then COMPREPLY+=("$file"); fi
    for ending in "\${@:2}"; do [[ ! -d $path && $file == *."$ending" ]] && COMPREPLY+=("$file"); done
  done < <(compgen -f -- "$1")
}
complete -F _plow plow
`;

const ZSH = `#compdef plow
# zsh completion for plow: plow completion zsh > "\${fpath[1]}/_plow"
_plow() {
  local line
  local -a words_so_far open_words open_texts words_done texts_done
  words_so_far=("\${(@Q)words[2,CURRENT-1]}" "\${(Q)PREFIX}")
  for line in "\${(@f)$(plow __complete -- "\${words_so_far[@]}" 2> /dev/null)}"; do
    case $line in
      '') ;;
      $'\\x1f'directories) [[ $PREFIX == --*=* ]] && compset -P 1 '*='; _files -/ ;;
      $'\\x1f'files\\ *) [[ $PREFIX == --*=* ]] && compset -P 1 '*='; _files -g "*.(\${\${line#*files }// /|})(-.)" ;;
      *)
        local word=\${line%%$'\\t'*} text=\${line//$'\\t'/  -- }
        if [[ $word == *[=:] ]]; then open_words+=("$word") open_texts+=("$text")
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
  set -l words (commandline -opc) (string unescape -- (commandline -ct))
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
  set -l token (commandline -ct)
  set -l flag (string match -r '^--[^=]*=' -- $token)
  for file in (complete -C "'' "(string replace -r '^--[^=]*=' '' -- $token) | string replace -r '\\t.*' '')
    if string match -q '*/' -- $file; or contains -- (string match -r '[^.]*$' -- $file) $argv
      echo "$flag$file"
    end
  end
end
complete -c plow -f -a '(__plow_complete)'
`;

export const COMPLETION_SCRIPTS = { bash: BASH, zsh: ZSH, fish: FISH } as const;
