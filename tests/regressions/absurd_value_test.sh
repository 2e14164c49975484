# Values that no machine can serve end with an error that names the option, not with a signal and not with a bug.
source "$SOURCE/tests/program/training.sh"
refused() { expect "$1" "$2" timeout 60 "$ESPALIER" pretrain tiny.yaml --quiet --out never "${@:3}"; }
refused 2 "data.threads is '99999'" data.threads=99999
refused 2 "data.depth is 1000000000" data.depth=1000000000
for batch in 9223372036854775807 9223372036854775804 4611686018427387904; do
  refused 2 "data.batch is" data.batch=$batch parallel.lanes=4
done
refused 2 "model.widths is" 'model.widths=[100000000]'
refused 4 "model.widths: [65536, 65536]" 'model.widths=[65536,65536]'
refused 2 "parallel.lanes is '99999999'" parallel.lanes=99999999
refused 2 "parallel.lane_threads is 100000" parallel.lane_threads=100000
refused 4 "MB" data.depth=1000 train.steps=1000 'augment.views=["resize(2000, 2000)"]' 'augment.evaluate="resize(2000, 2000)"' \
  'model.widths=[1]' model.pools=1
expect 4 "65536" timeout 60 "$ESPALIER" summary tiny.yaml 'model.widths=[65536,65536]'
