# Variables of the thread, math and codec libraries change no bit of an exact run and stop none: the program takes
# them out. What it ignored it says.
source "$SOURCE/tests/program/training.sh"
sed -i 's/steps: 20,/steps: 2,/; s/lanes: 4/lanes: 2/; s/name: rotation/name: simclr/' tiny.yaml

# once RUN [NAME=VALUE ...] [-- key=value ...]: one run in that environment.
once() {
  local run=$1 variables=(); shift
  while [ $# -gt 0 ] && [ "$1" != -- ]; do variables+=("$1"); shift; done
  timeout 100 env "${variables[@]}" "$ESPALIER" pretrain tiny.yaml --quiet --out "$run" "${@:2}" ||
    fail "exit code $? with ${variables[*]}"
}

settings=(
  MKL_CBWR=COMPATIBLE MKL_CBWR=AVX2 MKL_ENABLE_INSTRUCTIONS=SSE4_2 MKL_DYNAMIC=TRUE MKL_NUM_THREADS=3
  ONEDNN_MAX_CPU_ISA=SSE41 DNNL_MAX_CPU_ISA=AVX2 ONEDNN_DEFAULT_FPMATH_MODE=BF16 TORCH_MKLDNN_MATMUL_MIN_DIM=1
  FBGEMM_ENABLE_INSTRUCTIONS=AVX2 OMP_NUM_THREADS=3 OMP_THREAD_LIMIT=1 OMP_DYNAMIC=true OMP_WAIT_POLICY=passive
  OMP_PROC_BIND=close OMP_SCHEDULE=dynamic GOMP_SPINCOUNT=0 KMP_BLOCKTIME=0 JSIMD_FORCENONE=1 MALLOC_PERTURB_=165
)
once plain
for i in "${!settings[@]}"; do
  once "run-$i" "${settings[$i]}"
  [ "$(bits "run-$i" 2)" = "$(bits plain 2)" ] || fail "other bits with ${settings[$i]}"
done

# Two threads a lane: the barriers inside an operation wait for as many threads as the program set.
once two -- parallel.lane_threads=2
once two-limited OMP_THREAD_LIMIT=1 -- parallel.lane_threads=2
same_bits two two-limited 2
once two-dynamic OMP_DYNAMIC=true OMP_WAIT_POLICY=passive -- parallel.lane_threads=2
same_bits two two-dynamic 2

OMP_NUM_THREADS=7 expect 0 "OMP_NUM_THREADS=7" "$ESPALIER" pretrain tiny.yaml --out said
OMP_NUM_THREADS=7 once all "${settings[@]}"
same_bits plain all 2
