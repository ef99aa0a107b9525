import { access, mkdir, open } from 'node:fs/promises';

/** Where a program keeps what it remembers. https://specifications.freedesktop.org/basedir */
function fileOf(
  name: string,
  { XDG_STATE_HOME: own = '', HOME: home = '' }: Readonly<Record<string, string | undefined>>,
): string | undefined {
  const inHome = home.startsWith('/') ? `${home}/.local/state` : undefined;
  const directory = own.startsWith('/') ? own : inHome;
  return directory && `${directory}/plow/${name}`;
}

/** Whether this was said to the user before, or cannot be remembered. */
export async function wasSaid(
  name: string,
  variables: Readonly<Record<string, string | undefined>>,
): Promise<boolean> {
  const file = fileOf(name, variables);
  if (file === undefined) return true;
  return access(file).then(
    () => true,
    () => false,
  );
}

/** Remembers that it is said. @returns false where that is not possible, or another plow has just done so */
export async function rememberSaid(
  name: string,
  variables: Readonly<Record<string, string | undefined>>,
): Promise<boolean> {
  const file = fileOf(name, variables);
  if (file === undefined) return false;
  try {
    await mkdir(file.slice(0, file.lastIndexOf('/')), { recursive: true, mode: 0o700 });
    await (await open(file, 'wx', 0o600)).close();
    return true;
  } catch {
    return false;
  }
}
