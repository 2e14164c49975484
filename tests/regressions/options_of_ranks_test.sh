# Ranks that were given different options are told so before step 0, with the option, its values and the ranks.
source "$SOURCE/tests/program/training.sh"
pair() {
  timeout 60 mpirun --oversubscribe --bind-to none -n 1 "$ESPALIER" pretrain tiny.yaml --out never "$1" : \
    -n 1 "$ESPALIER" pretrain tiny.yaml --out never "$2"
}
while read -r option first second; do
  expect 2 "ranks 0 and 1 were given different options: $option is $first and $second" pair "$option=$first" "$option=$second"
done <<'OPTIONS'
optim.lr 0.1 0.2
train.checkpoint_steps 0 5
train.deadline_seconds 20 30
data.depth 2 3
OPTIONS
expect 2 "train.hooks is" pair 'train.hooks=[knn]' 'train.hooks=[]'
expect 2 'data.validation is "data" and ""' pair data.validation=data data.validation=
expect 2 "optim.name is" pair optim.name=adamw optim.name=sgd
