# Work of one rank that takes longer than the deadline but makes progress: the others wait. Here every fsync takes half
# a second, so that a local copy of the shards and a checkpoint take more than the three that a silent rank is given.
source "$SOURCE/tests/program/training.sh"
cat >slow.c <<'C'
#include <time.h>
#include <unistd.h>
#include <sys/syscall.h>
int fsync(int descriptor) {
  struct timespec half = {0, 500000000};
  nanosleep(&half, 0);
  return (int)syscall(SYS_fsync, descriptor);
}
C
cc -shared -fPIC -o slow.so slow.c
export LD_PRELOAD=$PWD/slow.so
train 2 slow train.steps=2 train.deadline_seconds=3 data.read=local_copy data.copy_folder=local
[ "$(cat slow/checkpoints/LATEST)" = step-00000002 ] || fail "no checkpoint after the last step"
