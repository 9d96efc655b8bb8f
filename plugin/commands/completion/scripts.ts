export const shells = ['bash', 'fish', 'powershell', 'zsh'] as const
export type Shell = (typeof shells)[number]

/**
 * What makes a shell complete `kubectl-canary`; each asks `kubectl_complete-canary`, as kubectl itself does
 * for `kubectl canary`.
 */
export const scripts: Readonly<Record<Shell, string>> = {
  bash: `# kubectl-canary in bash: source <(kubectl-canary completion bash)
# kubectl canary needs only kubectl's own completion and kubectl_complete-canary on the PATH.
_kubectl_canary() {
  local line candidates directive words cword cur
  if declare -F _get_comp_words_by_ref >/dev/null; then
    _get_comp_words_by_ref -n "=:" cur words cword
  else
    words=("\${COMP_WORDS[@]}") cword=$COMP_CWORD cur="\${COMP_WORDS[COMP_CWORD]}"
  fi
  candidates=$(kubectl_complete-canary "\${words[@]:1:cword}" 2>/dev/null) || return
  directive=\${candidates##*:}
  COMPREPLY=()
  while IFS= read -r line; do
    [[ -z $line || $line == :* ]] || COMPREPLY+=("\${line%%$'\\t'*}")
  done <<<"$candidates"
  if (( directive & 2 )); then compopt -o nospace; fi
  if (( ! (directive & 4) )); then compopt -o default; fi
  declare -F __ltrim_colon_completions >/dev/null && __ltrim_colon_completions "$cur"
}
complete -F _kubectl_canary kubectl-canary
`,
  zsh: `#compdef kubectl-canary
# kubectl-canary in zsh: source <(kubectl-canary completion zsh)
# kubectl canary needs only kubectl's own completion and kubectl_complete-canary on the PATH.
_kubectl_canary() {
  local line directive=0
  local -a described plain options
  while IFS= read -r line; do
    if [[ $line == :* ]]; then directive=\${line#:}; continue; fi
    plain+=("\${line%%$'\\t'*}")
    line=\${line//:/\\\\:}
    described+=("\${line/$'\\t'/:}")
  done < <(kubectl_complete-canary "\${(@)words[2,CURRENT]}" 2>/dev/null)
  (( directive & 2 )) && options+=(-S '')
  if (( $#plain )); then _describe 'canary' described plain "\${options[@]}"; fi
  (( directive & 4 )) || _files
}
compdef _kubectl_canary kubectl-canary
`,
  fish: `# kubectl-canary in fish: kubectl-canary completion fish | source
# kubectl canary needs only kubectl's own completion and kubectl_complete-canary on the PATH.
function __kubectl_canary
    set -l words (commandline -opc) (commandline -ct)
    kubectl_complete-canary $words[2..-1] 2>/dev/null | string match -v -r '^:'
end
complete -c kubectl-canary -f -a '(__kubectl_canary)'
complete -c kubectl-canary -s f -l filename -r -F
`,
  powershell: `# kubectl-canary in PowerShell: kubectl-canary completion powershell | Out-String | Invoke-Expression
# kubectl canary needs only kubectl's own completion and kubectl_complete-canary on the PATH.
Register-ArgumentCompleter -Native -CommandName 'kubectl-canary' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $words = @($commandAst.CommandElements | Select-Object -Skip 1 | ForEach-Object { $_.ToString() })
    if ($wordToComplete -eq '') { $words += '""' }
    kubectl_complete-canary @words 2>$null | Where-Object { $_ -notmatch '^:' } | ForEach-Object {
        $value, $about = $_ -split "\`t", 2
        if (-not $about) { $about = $value }
        [System.Management.Automation.CompletionResult]::new($value, $value, 'ParameterValue', $about)
    }
}
`,
}
