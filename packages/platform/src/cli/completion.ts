/**
 * The scripts by which shells ask `mall __complete`. Not those of @bomb.sh/tab: its bash script evaluates the words
 * under the cursor (`mall $(…)` and Tab would run them), needs the bash-completion package, fails when sourced twice,
 * and offers no paths for `-f`.
 */
export const shells = ["bash", "zsh", "fish", "powershell"] as const;
export type Shell = (typeof shells)[number];

/** In single quotes for a POSIX shell and fish. */
const quoted = (path: string): string => `'${path.replaceAll("'", `'\\''`)}'`;

const scripts: Record<Shell, (mall: string) => string> = {
  bash: (mall) => `# mall completion for bash
_mall_complete() {
  local line cur=\${COMP_WORDS[COMP_CWORD]}
  COMPREPLY=()
  while IFS= read -r line; do
    if [ "$line" = ":files" ]; then
      compopt -o filenames 2>/dev/null
      while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -f -- "$cur")
    else
      COMPREPLY+=("\${line%%$'\\t'*}")
    fi
  done < <(${quoted(mall)} __complete "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -F _mall_complete mall
`,
  zsh: (mall) => `#compdef mall
# mall completion for zsh
_mall() {
  local line value
  local -a found
  for line in "\${(@f)$(${quoted(mall)} __complete "\${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
    if [[ $line == ":files" ]]; then
      _files
    elif [[ -n $line ]]; then
      value=\${line%%$'\\t'*}
      if [[ $line == *$'\\t'* ]]; then
        found+=("\${value//:/\\\\:}:\${line#*$'\\t'}")
      else
        found+=("\${value//:/\\\\:}")
      fi
    fi
  done
  (( \${#found} )) && _describe mall found
}
(( $+functions[compdef] )) || { autoload -Uz compinit && compinit }
compdef _mall mall
`,
  fish: (mall) => `# mall completion for fish
function __mall_complete
  set -l words (commandline -opc) (commandline -ct)
  for line in (${quoted(mall)} __complete $words[2..-1] 2>/dev/null)
    if test "$line" = ":files"
      __fish_complete_path (commandline -ct)
    else
      echo $line
    end
  end
end
complete -c mall -f -a '(__mall_complete)'
`,
  powershell: (mall) => `# mall completion for PowerShell
Register-ArgumentCompleter -Native -CommandName mall -ScriptBlock {
  param($wordToComplete, $commandAst, $cursorPosition)
  $words = @($commandAst.CommandElements | Select-Object -Skip 1 | ForEach-Object { "$_" })
  if ($wordToComplete -eq '') { $words += '' }
  & '${mall.replaceAll("'", "''")}' __complete @words 2>$null | ForEach-Object {
    $value, $says = $_ -split "\`t", 2
    if ($value -ne ':files') {
      if (-not $says) { $says = $value }
      [System.Management.Automation.CompletionResult]::new($value, $value, 'ParameterValue', $says)
    }
  }
}
`,
};

/** @param mall path of the launcher that the script asks. */
export const completionScript = (shell: Shell, mall: string): string => scripts[shell](mall);
