# doctor says what is behind a slow or failing start: binding, oversubscription, instructions and build of each rank,
# limits, variables, speed between ranks, a folder that not all ranks see, srun without PMIx.
says() { grep -q -- "$1" doctor.txt || { cat doctor.txt; fail "doctor does not say: $1"; }; }
doctor() { "$@" >doctor.txt 2>&1 || { cat doctor.txt; fail "doctor finds fault with this machine"; }; }

mkdir bin runs
printf '#!/bin/sh\necho "MPI plugin types are..."\necho "	none"\necho "	pmi2"\n' >bin/srun
chmod +x bin/srun
ulimit -n 900
cores=$(nproc) ranks=$(($(nproc) + 1))
export OMP_NUM_THREADS=3 OMPI_MCA_btl=self,vader,tcp
doctor env PATH="$PWD/bin:$PATH" timeout 300 mpirun -n "$ranks" --oversubscribe --bind-to none "$ESPALIER" doctor --folder runs
says "^oversubscription .*$ranks ranks on $cores cores"
says "^rank $cores .*$(hostname), CPUs 0.*, 1 cores, [a-z]"
says "^build .*LibTorch"
says "^instructions .*all ranks use [a-z]"
says "^open files .*900 .*ulimit -n"
says "^ignored variables .*OMP_NUM_THREADS=3 .*parallel.lane_threads"
says "^variables in effect .*OMPI_MCA_btl=self,vader,tcp"
says "^rank 0 to 1 .*one machine: .* us, .* GB/s"
says "^srun .*offers no PMIx .*launch/mpirun.sh"
says "^folder .*runs: write, fsync and rename in"
[ -z "$(ls -A runs)" ] || fail "doctor leaves files"
