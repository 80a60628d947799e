# SPDX-License-Identifier: Apache-2.0
# Completions, in the shells themselves where they are installed.
. "$(dirname "$0")/common.sh"

run 0 completion bash
bash -n "$TMP/out" || bad "bash does not parse its completions"
# complete WORD...: what bash would offer for the last word.
complete_bash() {
	bash -c '. "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _heatscore
		printf "%s\n" "${COMPREPLY[@]}"' bash "$TMP/out" "$@" | sort | tr '\n' ' '
}
cd "$TMP" && touch leads.csv && mkdir -p folder
[ "$(complete_bash heatscore tr)" = "train " ] || bad "tr: $(complete_bash heatscore tr)"
[ "$(complete_bash heatscore train --ta)" = "--target " ] || bad "--ta"
[ "$(complete_bash heatscore train le)" = "leads.csv " ] || bad "le: $(complete_bash heatscore train le)"
[ "$(complete_bash heatscore --color '')" = "always auto never " ] || bad "--color"
[ "$(complete_bash heatscore models pub)" = "publish " ] || bad "models pub"
[ "$(complete_bash heatscore score --data fo)" = "folder " ] || bad "--data"
[ "$(complete_bash heatscore completion '')" = "bash fish zsh " ] || bad "completion"
complete_bash heatscore score --re | grep -q -- --reasons || bad "--reasons"
! complete_bash heatscore score --ta | grep -q -- --target || bad "score offers --target"

run 0 completion zsh
if command -v zsh >/dev/null; then
	zsh -n "$TMP/out" || bad "zsh does not parse its completions"
	zsh -fc 'autoload -U compinit && compinit -u -D && . "$1" && (( $+_comps[heatscore] ))' \
		zsh "$TMP/out" || bad "zsh does not take its completions"
fi
run 0 completion fish
if command -v fish >/dev/null; then
	fish -n "$TMP/out" || bad "fish does not parse its completions"
	fish -c "source $TMP/out; complete -C 'heatscore tra'" 2>&1 | grep -q '^train' || bad "fish: tra"
	fish -c "source $TMP/out; complete -C 'heatscore train --tar'" 2>&1 | grep -q '^--target' ||
		bad "fish: --tar"
	fish -c "source $TMP/out; complete -C 'heatscore --color '" 2>&1 | grep -q '^never' ||
		bad "fish: --color"
fi
finish
