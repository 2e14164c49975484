# A checkpoint that cannot be read just now ends the resume with exit code 4; it is neither passed over nor deleted.
source "$SOURCE/tests/program/training.sh"
train 2 whole train.checkpoint_steps=5 train.keep_checkpoints=2
for file in model.safetensors task.safetensors optim.safetensors state.json config.yaml MANIFEST; do
  rm -rf run && cp -r whole run
  newest=run/checkpoints/step-00000020
  mv "$newest/$file" kept && ln -s "$file" "$newest/$file"  # a link to itself: ELOOP, for root too
  expect 4 "$newest/$file" train 2 run --resume train.checkpoint_steps=5
  [ -d "$newest" ] && [ -d run/checkpoints/step-00000015 ] || fail "a checkpoint is gone after $file could not be read"
  rm "$newest/$file" && mv kept "$newest/$file"
  same_bits whole run 20
done

# A format of a newer program is no damage either.
/usr/bin/python3 - <<'PYTHON'
import hashlib, pathlib
folder = pathlib.Path("run/checkpoints/step-00000020")
state = (folder / "state.json").read_bytes()
newer = state.replace(b'"format_version": 1', b'"format_version": 2')
assert newer != state
manifest = (folder / "MANIFEST").read_text()
(folder / "state.json").write_bytes(newer)
(folder / "MANIFEST").write_text(
    manifest.replace(hashlib.sha256(state).hexdigest(), hashlib.sha256(newer).hexdigest()))
PYTHON
expect 2 "state.json is not of format 1" train 1 run --resume train.checkpoint_steps=5
