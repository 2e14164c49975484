# A launcher that binds a rank to fewer cores than its lanes could use is named, with what to do; a rank that has all
# that is there is told nothing, however few they are.
source "$SOURCE/tests/program/training.sh"
bound() { timeout 100 mpirun -n 1 --bind-to core "$ESPALIER" "$@"; }
if [ "$(nproc)" -gt 1 ]; then
  expect 0 "the launcher binds 1 of 1 ranks to fewer cores than they could use; rank 0 has 1 of $(nproc)" \
    bound pretrain tiny.yaml --quiet --out bound train.steps=1
  expect 0 "bound to 1 of $(nproc) cores (try: launch/mpirun.sh" bound doctor
fi
told_nothing() { "$@" >expect.out 2>&1 && ! grep "fewer cores" expect.out; }
told_nothing bound pretrain tiny.yaml --quiet --out one-lane train.steps=1 parallel.lanes=1 ||
  fail "one lane is told of cores that it cannot use"
told_nothing mpi 3 pretrain tiny.yaml --quiet --out free train.steps=1 || fail "ranks that are not bound are told that they are"
