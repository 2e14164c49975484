# Where the launcher started more processes than MPI knows of, each would be a run of its own and all would write into
# one folder: refused. The environment is that of srun without a PMI which MPI knows, and of another MPI's mpirun.
source "$SOURCE/tests/program/training.sh"

step=(SLURM_JOB_ID=7 SLURM_STEP_ID=0 SLURM_NTASKS=2 SLURM_STEP_NUM_TASKS=2 SLURM_PROCID=1)
alone=("$ESPALIER" pretrain tiny.yaml --quiet)
expect 2 "try: srun --mpi=pmix" env "${step[@]}" "${alone[@]}" --out never
expect 2 "SLURM_STEP_NUM_TASKS=2" env "${step[@]}" "${alone[@]}" --out never
expect 2 "PMI_SIZE=3" env PMI_RANK=0 PMI_SIZE=3 "${alone[@]}" --out never
expect 2 "OMPI_COMM_WORLD_SIZE=2" mpirun -n 1 env OMPI_COMM_WORLD_SIZE=2 "${alone[@]}" --out never
expect 2 "try: srun --mpi=pmix" env "${step[@]}" "$ESPALIER" pack --quiet --source small --format idx --out never
[ ! -e never ] || fail "a refused run left a folder"

# A batch script is one process of an allocation of several tasks; mpirun inside one starts ranks of its own; a step of
# one task has one rank; a verb that works alone may be started as often as one likes.
batch=(SLURM_JOB_ID=7 SLURM_NTASKS=4 SLURM_NPROCS=4 SLURM_PROCID=0)
env "${batch[@]}" "${alone[@]}" --out batch train.steps=1
env "${batch[@]}" SLURM_STEP_ID=0 SLURM_STEP_NUM_TASKS=1 "${alone[@]}" --out step train.steps=1
env "${step[@]}" mpirun -n 2 --oversubscribe --bind-to none "${alone[@]}" --out two train.steps=1
env "${step[@]}" "$ESPALIER" inspect data
