# What stands in metrics.jsonl besides whole rows is cut out at a resume, and said; half-written files of a killed run go.
source "$SOURCE/tests/program/training.sh"
train 1 whole train.checkpoint_steps=5
cp -r whole torn
rm -r torn/checkpoints/step-00000020
sed -i '7s/.*/{"step": 7, "epo/; 9s/.*/a line of somebody else/' torn/metrics.jsonl
touch torn/.metrics.jsonl.4711.partial torn/.backbone.json.4711.partial
mkdir torn/checkpoints/.step-00000020.partial
expect 0 "metrics.jsonl:7: this line is not a row" train 2 torn --resume train.checkpoint_steps=5
grep -q 'metrics.jsonl:9: ' expect.out || fail "the foreign line is not said"
same_bits whole torn 20
[ "$(grep -c '"step":20,' torn/metrics.jsonl)" -eq 1 ] || fail "the rows after the resume are not there"
left=$(find torn -name '*.partial')
[ -z "$left" ] || fail "left over: $left"
