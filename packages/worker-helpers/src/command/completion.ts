/** Completion for bash, made from a command's definition. It needs nothing but bash itself. */
import { type CommandDoc, type CompletionDoc, commonOptions, longName, type OptionDoc } from './doc.ts';

export function bashCompletion({ name, options, operands }: CommandDoc): string {
  const all = [...options, ...commonOptions];
  const takers = all.filter((option) => option.kind !== 'flag');
  const words = [...all.map(({ key }) => longName(key)), '-h', '-V'].join(' ');
  const fn = `_${name.replaceAll('-', '_')}`;
  const verbatim = operands?.verbatim ?? false;
  return `# Completion of ${name} for bash, made from the command's own definition.
${fn}() {
    local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]}
    COMPREPLY=()
${verbatim ? commandWords(takers) : ''}    case $prev in
${takers.map((option) => `        ${longName(option.key)})\n${offer(option.complete, 12)}\n            return ;;`).join('\n')}
    esac
    if [[ $cur == -* ]]; then
        mapfile -t COMPREPLY < <(compgen -W '${words}' -- "$cur")
        return
    fi
${verbatim ? '    mapfile -t COMPREPLY < <(compgen -c -- "$cur")' : offer(operands?.complete, 4)}
}
complete -F ${fn} ${name}
`;
}

/** Where the command line of its own has begun, its words are commands and files, and options are not ours. */
function commandWords(takers: readonly OptionDoc[]): string {
  return `    local i
    for ((i = 1; i < COMP_CWORD; i++)); do
        case \${COMP_WORDS[i]} in
            ${takers.map(({ key }) => longName(key)).join('|')}) ((i++)) ;;
            --)
                if ((i == COMP_CWORD - 1)); then
                    mapfile -t COMPREPLY < <(compgen -c -- "$cur")
                else
                    compopt -o filenames 2>/dev/null
                    mapfile -t COMPREPLY < <(compgen -f -- "$cur")
                fi
                return ;;
            -*) ;;
            *)
                compopt -o filenames 2>/dev/null
                mapfile -t COMPREPLY < <(compgen -f -- "$cur")
                return ;;
        esac
    done
`;
}

function offer(complete: CompletionDoc | undefined, indent: number): string {
  const fill = (source: string): string => `mapfile -t COMPREPLY < <(${source})`;
  const lines = ((): string[] => {
    if (complete === undefined) return [':'];
    if (complete === 'file') return ['compopt -o filenames 2>/dev/null', fill('compgen -f -- "$cur"')];
    if (complete === 'directory') return ['compopt -o filenames 2>/dev/null', fill('compgen -d -- "$cur"')];
    if ('words' in complete) return [fill(`compgen -W '${complete.words.join(' ')}' -- "$cur"`)];
    return [fill(`compgen -W "$(${complete.linesOf} 2>/dev/null)" -- "$cur"`)];
  })();
  return lines.map((line) => `${' '.repeat(indent)}${line}`).join('\n');
}
