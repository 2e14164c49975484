# A rank that is stopped (SIGSTOP) is found within the deadline: all others leave with 5, none by a signal, and say which
# rank it is and on which host. A job that is stopped as a whole, as Slurm does, goes on when it is continued.
source "$SOURCE/tests/program/training.sh"

# start RANKS OUT ...: a long run in the background; returns when it trains. `pids[RANK]` are its processes.
start() {
  local ranks=$1 out=$2 pid rows; shift 2
  rows=$(wc -l 2>/dev/null <"$out/metrics.jsonl" || echo 0)
  mpirun -n "$ranks" --oversubscribe --bind-to none bash -c \
    'trap : TERM; "$0" "$@"; code=$?; echo "rank $OMPI_COMM_WORLD_RANK: $code" >>codes.txt; exit $code' \
    "$ESPALIER" pretrain tiny.yaml --quiet --out "$out" "$@" >out.txt 2>&1 &
  launcher=$!
  until [ "$(wc -l 2>/dev/null <"$out/metrics.jsonl" || echo 0)" -gt "$rows" ]; do
    kill -0 $launcher || { cat out.txt; fail "the run did not begin"; }
    sleep 0.05
  done
  pids=()
  for shell in $(pgrep -P $launcher bash); do
    pid=$(pgrep -P "$shell" espalier)
    pids[$(tr '\0' '\n' <"/proc/$pid/environ" | sed -n 's/^OMPI_COMM_WORLD_RANK=//p')]=$pid
  done
}

# stopped RANK OF OUT ...: the run ends with 5 on all ranks but the stopped one, which is continued then.
stopped() {
  local rank=$1 ranks=$2 code=0; shift
  rm -f codes.txt
  start "$@" train.deadline_seconds=3
  kill -STOP "${pids[rank]}"
  wait $launcher || code=$?
  kill -CONT "${pids[rank]}" 2>/dev/null || true
  cat out.txt codes.txt
  [ "$code" -eq 5 ] || fail "exit code $code when rank $rank of $ranks is stopped"
  grep -qF "not heard of: rank $rank on $(hostname)" out.txt || fail "the stopped rank is not named"
  # A shell may be killed by the launcher before it writes its line; those that there are say 5.
  [ "$(grep -c ': 5$' codes.txt)" -ge 1 ] || fail "no rank left with 5"
  [ "$(grep -vc ': 5$' codes.txt)" -eq 0 ] || fail "a rank left with something else than 5"
  ! grep -qF "on signal" out.txt || fail "a rank was ended by a signal"
}

long=(train.steps=100000 train.log_steps=10 train.checkpoint_steps=100)
stopped 2 4 run "${long[@]}"
stopped 0 2 run --resume "${long[@]}"

start 2 suspended train.steps=2000 train.deadline_seconds=2
kill -STOP "${pids[@]}"
sleep 5
kill -CONT "${pids[@]}"
wait $launcher || { cat out.txt; fail "a job that was suspended did not go on"; }
