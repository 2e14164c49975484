# Every task that is registered trains by its defaults, with the same bits on one rank and on two.
source "$SOURCE/tests/program/training.sh"

# What a task may want besides: patches, colours.
maps=()
patches=(model.name=vit_tiny model.norm=auto model.patch=7 model.width=64 model.depth=2)
colours=('augment.views=["padded_crop(size=28, padding=2) | to_rgb"]' augment.evaluate=to_rgb)

for task in $("$ESPALIER" list task --json | /usr/bin/python3 -c 'import json, sys; print(*json.load(sys.stdin)["task"])'); do
  for wish in maps patches colours; do
    declare -n with=$wish
    overrides=(task.name="$task" train.steps=2 data.batch=16 "${with[@]}")
    code=0
    train 1 "$task-1" "${overrides[@]}" >out.log 2>&1 || code=$?
    [ "$code" -eq 2 ] || break
  done
  [ "$code" -eq 0 ] || { cat out.log; fail "$task: exit code $code"; }
  train 2 "$task-2" "${overrides[@]}" >out.log 2>&1 || { cat out.log; fail "$task on two ranks"; }
  same_bits "$task-1" "$task-2" 2
  rm -r "$task-1" "$task-2"
done
