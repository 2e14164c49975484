# Reading under limits: what the system refuses is an error that names the option, never a signal, and no limit is reached
# that need not be.
source "$SOURCE/tests/program/training.sh"

# under LIMIT COMMAND...: the command where `ulimit LIMIT` holds.
under() { local limit=$1; shift; bash -c "ulimit $limit"' && exec "$@"' under "$@"; }

expect 4 "data.threads is 250" under "-v 2000000" "$ESPALIER" pretrain tiny.yaml --quiet --out threads data.threads=250
expect 2 "data.batch" "$ESPALIER" pretrain tiny.yaml --quiet --out batch data.batch=9223372036854775804

# More shards than may be open, of two sets.
"$ESPALIER" pack --quiet --source small --format idx --out many --shard-size 4000
[ "$(ls many/shard-*.h5 | wc -l)" -gt 90 ] || fail "there are too few shards for this test"
expect 0 "backbone after 16 steps" under "-n 90" "$ESPALIER" pretrain tiny.yaml --out many.run \
  data.shards=many data.validation=many task.name=supervised train.hooks=[validate] train.steps=16
