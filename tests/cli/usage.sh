# SPDX-License-Identifier: Apache-2.0
# Wrong command lines: exit code 2, one sentence that helps, nothing on standard output.
. "$(dirname "$0")/common.sh"

run 2
silent out
errs "Commands"
run 2 trian x.csv && errs "did you mean train?"
run 2 leads.csv && errs "heatscore score leads.csv"
run 2 train x.csv --trget Converted && errs "did you mean --target?"
silent out
run 2 train --target Converted && errs "heatscore train FILE"
run 2 score a.csv b.csv && errs "'b.csv' is one too many"
run 2 score a.csv --target Won && errs "it belongs to profile, train and eval"
run 2 train x.csv --seed && errs "--seed needs a value"
run 2 train x.csv --target --json && errs "what follows is the option --json"
run 2 train x.csv --seed twelve && errs "'twelve' is not a whole number"
run 2 train x.csv --seed 1.5 && errs "not a whole number"
run 2 train x.csv --max-trees 0 && errs "outside 1 to"
run 2 train x.csv --as-of 31.12.2025 && errs "year-month-day"
run 2 train x.csv --as-of 2025-02-29 && errs "no such day"
run 2 train x.csv --hot 1.2 && errs "outside 0 to 1"
run 2 train x.csv --target A --hot .2 --warm .5 && errs "warm has to start below hot"
run 2 train x.csv --target A --keep B --drop B && errs '"B" is given with --keep and with --drop'
run 2 train x.csv --capacity 30 && errs "30/day"
run 2 score x.csv --color purple && errs "auto|always|never"
run 2 score x.csv --json && errs "add -o OUT.csv"
run 2 score x.csv --json=yes && errs "takes no value"
run 2 score x.csv -Z && errs "no option -Z"
run 2 completion tcsh && errs "bash, zsh and fish"
run 2 help trian && errs "did you mean train?"

# A wrong value in the environment is a wrong setting, and says where it comes from.
HEATSCORE_SEED=x run 78 train x.csv && errs "HEATSCORE_SEED in the environment"
# The flag wins over the environment, and an empty variable counts as none.
HEATSCORE_COLOR=purple run 0 --version --color never
HEATSCORE_COLOR='' run 0 --version
finish
