# A host that has more instructions than the run began with goes on with the run's: same bits, no refusal.
# ATEN_CPU_CAPABILITY is such a limit, for all libraries, and is not ignored.
source "$SOURCE/tests/program/training.sh"
sed -i 's/steps: 20,/steps: 12, checkpoint_steps: 4,/; s/name: rotation/name: simclr/' tiny.yaml
set_of() { grep -o '"instruction_set": "[a-z0-9_]*"' "$1/checkpoints/step-$2/state.json"; }

export ATEN_CPU_CAPABILITY=default
train 2 whole
[ "$(set_of whole 00000012)" = '"instruction_set": "baseline"' ] || fail "ATEN_CPU_CAPABILITY is ignored: $(set_of whole 00000012)"
ESPALIER_FAULT="kill:rank=0,step=7" expect 137 "is on" train 2 moved
unset ATEN_CPU_CAPABILITY
train 3 moved --resume
[ "$(set_of moved 00000012)" = '"instruction_set": "baseline"' ] || fail "resumed under $(set_of moved 00000012)"
same_bits whole moved 12
same_metrics moved whole 12

ATEN_CPU_CAPABILITY=sse9 expect 2 "ATEN_CPU_CAPABILITY is 'sse9' (try: default, avx2 or avx512)" train 2 wrong
