import type { CompletionGiven } from "./command.js";

/** What can be typed behind the name of the command, for the scripts that complete it. */
export interface CompletionSpec {
  /** Of the command line that names no command. */
  readonly main: CommandSpec;
  readonly commands: readonly CommandSpec[];
  /** Words by the name that options and arguments refer to them by. */
  readonly words: Readonly<Record<string, readonly string[]>>;
}

export interface CommandSpec {
  readonly name: string;
  readonly description: string;
  readonly options: readonly OptionSpec[];
  /** What each argument may be. */
  readonly args: readonly ValueSpec[];
}

export interface OptionSpec {
  /** `-e`, `--events` */
  readonly flags: readonly string[];
  readonly description: string;
  /** Absent where the option takes no value. */
  readonly value?: ValueSpec;
}

export type ValueSpec =
  | { readonly kind: "word" | "list"; readonly words: string }
  | { readonly kind: "file" }
  | { readonly kind: "folder" }
  | { readonly kind: "any" };

type Shell = CompletionGiven["shell"];

/** A script that teaches a shell to complete `sparky-events`. */
export function completionScript(shell: Shell, spec: CompletionSpec): string {
  return { bash: bashScript, zsh: zshScript, fish: fishScript }[shell](spec);
}

function bashScript({ main, commands, words }: CompletionSpec): string {
  const values = [main, ...commands].flatMap((command) =>
    command.options.flatMap(({ flags, value }) =>
      value
        ? [
            `    ${flags.map((flag) => `"${nameOf(command, main)} ${flag}"`).join("|")}) ${bashValue(value)}; return ;;`,
          ]
        : [],
    ),
  );
  const rest = [main, ...commands].map((command) => {
    const options = command.options.flatMap(({ flags }) => flags).join(" ");
    const first = command === main ? `${commands.map(({ name }) => name).join(" ")} ` : "";
    // Whichever argument it is: bash would have to count those before.
    const args = wordListsOf(command.args).map((name) => `$_sparky_events_${name}`);
    const folders = command.args.some(({ kind }) => kind === "folder") ? " folders=yes" : "";
    return `    "${nameOf(command, main)}") options="${options}" words="${first}${args.join(" ").trim()}"${folders} ;;`;
  });
  return `# Completion of sparky-events for bash. In ~/.bashrc:
#     eval "$(sparky-events completion bash)"
${Object.entries(words)
  .map(([name, list]) => `_sparky_events_${name}="${list.join(" ")}"`)
  .join("\n")}

_sparky_events_word() {
  COMPREPLY=($(compgen -W "$1" -- "$current"))
}

# The last of several items between commas.
_sparky_events_list() {
  local before=
  if [[ $current == *,* ]]; then before="\${current%,*},"; fi
  COMPREPLY=($(compgen -P "$before" -W "$1" -- "\${current##*,}"))
  compopt -o nospace 2>/dev/null
}

_sparky_events_file() {
  compopt -o default 2>/dev/null || COMPREPLY=($(compgen -f -- "$current"))
}

_sparky_events_folder() {
  local IFS=$'\\n'
  COMPREPLY+=($(compgen -d -- "$current"))
  compopt -o filenames 2>/dev/null
}

_sparky_events() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD - 1]}"
  local command= options= words= folders=
  COMPREPLY=()
  # Bash takes --option=value apart.
  if [[ $current == "=" ]]; then
    current=
  elif [[ $previous == "=" ]]; then
    previous="\${COMP_WORDS[COMP_CWORD - 2]}"
  fi
  if ((COMP_CWORD > 1)); then
    case "\${COMP_WORDS[1]}" in
    ${commands.map(({ name }) => name).join("|")}) command="\${COMP_WORDS[1]}" ;;
    esac
  fi
  case "$command $previous" in
${values.join("\n")}
  esac
  case "$command" in
${rest.join("\n")}
  esac
  if [[ $current == -* ]]; then words="$options"; fi
  _sparky_events_word "$words"
  if [[ $current != -* && $folders ]]; then _sparky_events_folder; fi
}

complete -F _sparky_events sparky-events
`;
}

function bashValue(value: ValueSpec): string {
  switch (value.kind) {
    case "word":
    case "list":
      return `_sparky_events_${value.kind} "$_sparky_events_${value.words}"`;
    case "file":
    case "folder":
      return `_sparky_events_${value.kind}`;
    case "any":
      return ":";
  }
}

function zshScript({ main, commands, words }: CompletionSpec): string {
  const described = commands.map(
    ({ name, description }) => `    ${zshQuote(`${name}:${description}`)}`,
  );
  const cases = commands.map(
    (command) =>
      `    (${command.name})\n      shift words\n      ((CURRENT--))\n      ${zshArguments(command)}\n      ;;`,
  );
  const firstWords = wordListsOf(main.args.slice(0, 1));
  return `#compdef sparky-events
# Completion of sparky-events for zsh. In ~/.zshrc, below compinit:
#     eval "$(sparky-events completion zsh)"
${Object.entries(words)
  .map(([name, list]) => `_sparky_events_${name}=(${list.join(" ")})`)
  .join("\n")}

_sparky_events_first() {
  local -a commands
  commands=(
${described.join("\n")}
  )
  _describe -t commands command commands
  ${firstWords.map((name) => `_wanted times expl time compadd -a _sparky_events_${name}`).join("\n  ")}
}

_sparky_events() {
  case "$words[2]" in
${cases.join("\n")}
    (*)
      ${zshArguments({ ...main, args: main.args.slice(1) }, [zshQuote("1: :_sparky_events_first")])}
      ;;
  esac
}

if [[ "$funcstack[1]" == _sparky_events ]]; then
  _sparky_events "$@"
else
  compdef _sparky_events sparky-events
fi
`;
}

function zshArguments({ options, args }: CommandSpec, first: readonly string[] = []): string {
  const specs = options.map(({ flags, description, value }) => {
    const action = value ? `:value:${zshAction(value)}` : "";
    const text = zshQuote(
      `[${description.replaceAll(/[[\]\\]/g, "\\$&").replaceAll(":", "\\:")}]${action}`,
    );
    const exclusive = zshQuote(`(${flags.join(" ")})`);
    const named = flags.map((flag) =>
      value ? `${flag}${flag.startsWith("--") ? "=" : "+"}` : flag,
    );
    return named.map((flag) => `${exclusive}${zshQuote(flag)}${text}`).join(" ");
  });
  const rest = args.map((arg, index) =>
    zshQuote(`${index + 1 + first.length}:argument:${zshAction(arg)}`),
  );
  return ["_arguments -s :", ...specs, ...first, ...rest].join(" \\\n        ");
}

function zshAction(value: ValueSpec): string {
  switch (value.kind) {
    case "word":
      return `compadd -a _sparky_events_${value.words}`;
    case "list":
      return `_sequence compadd - -a _sparky_events_${value.words}`;
    case "file":
      return "_files";
    case "folder":
      return "_files -/";
    case "any":
      return " ";
  }
}

/** In single quotes, which nothing but a single quote ends. */
function zshQuote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

function fishScript({ main, commands, words }: CompletionSpec): string {
  const names = commands.map(({ name }) => name).join(" ");
  const lines = [main, ...commands].flatMap((command) => {
    const when = `-n '__sparky_events_command_is "${nameOf(command, main)}"'`;
    return [
      ...command.options.map((option) => `complete -c sparky-events ${when} ${fishOption(option)}`),
      ...wordListsOf(command.args).map(
        (name) => `complete -c sparky-events ${when} -a "(__sparky_events_${name})"`,
      ),
      ...(command.args.some(({ kind }) => kind === "folder")
        ? [`complete -c sparky-events ${when} -a "(__fish_complete_directories)"`]
        : []),
    ];
  });
  const first = commands.map(
    ({ name, description }) =>
      `complete -c sparky-events -n __fish_is_first_token -a ${name} -d ${fishQuote(description)}`,
  );
  return `# Completion of sparky-events for fish:
#     sparky-events completion fish > ~/.config/fish/completions/sparky-events.fish
${Object.entries(words)
  .map(
    ([name, list]) => `function __sparky_events_${name}\n    printf '%s\\n' ${list.join(" ")}\nend`,
  )
  .join("\n\n")}

function __sparky_events_command_is
    set -l words (commandline -opc)
    set -l command
    if contains -- "$words[2]" ${names}
        set command $words[2]
    end
    test "$command" = "$argv[1]"
end

complete -c sparky-events -f
${[...first, ...lines].join("\n")}
`;
}

function fishOption({ flags, description, value }: OptionSpec): string {
  const named = flags.map((flag) =>
    flag.startsWith("--") ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`,
  );
  return [...named, ...(value ? [fishValue(value)] : []), `-d ${fishQuote(description)}`].join(" ");
}

function fishValue(value: ValueSpec): string {
  switch (value.kind) {
    case "word":
      return `-x -a "(__sparky_events_${value.words})"`;
    case "list":
      return `-x -a "(__fish_complete_list , __sparky_events_${value.words})"`;
    case "file":
      return "-r -F";
    case "folder":
      return '-x -a "(__fish_complete_directories)"';
    case "any":
      return "-x";
  }
}

function fishQuote(text: string): string {
  return `'${text.replaceAll(/['\\]/g, "\\$&")}'`;
}

/** Names of the words that arguments may be, each once. */
function wordListsOf(args: readonly ValueSpec[]): string[] {
  return [...new Set(args.flatMap((arg) => ("words" in arg ? [arg.words] : [])))];
}

/** The command line that names no command goes under no name. */
function nameOf(command: CommandSpec, main: CommandSpec): string {
  return command === main ? "" : command.name;
}
