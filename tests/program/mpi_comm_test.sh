# Every operation of the MPI communicator, whole and cut into pieces, at 1, 2 and 3 ranks.
expect 0 "this start has 1 rank" "$ESPALIER" doctor
for ranks in 1 2 3; do
  expect 0 "operations" mpi "$ranks" doctor
  grep -q "all right, on every type" expect.out || fail "operations at $ranks ranks"
  grep -q "$ranks ranks on 1 hosts" expect.out || fail "the number of ranks is not told"
done
mpi 2 doctor --json 2>/dev/null | python3 -c 'import json, sys; assert json.load(sys.stdin)["fine"]'
