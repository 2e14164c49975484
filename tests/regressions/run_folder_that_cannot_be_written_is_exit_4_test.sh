# A run folder that cannot be written, or a log that cannot be opened, is the system's refusal: exit code 4.
source "$SOURCE/tests/program/training.sh"
for ranks in 1 2; do
  expect 4 "tiny.yaml/run" train "$ranks" tiny.yaml/run
  expect 4 "/proc/run" train "$ranks" /proc/run
  rm -rf taken && mkdir -p taken/log.txt
  expect 4 "taken/log.txt" train "$ranks" taken --resume
done
