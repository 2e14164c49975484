# Every option of a sweep's configuration is described, listed and in the generated page of options.
expect 0 "kept_lr_factor" "$ESPALIER" describe transfer
for option in seed train test labels_per_class cuts modes lr schedule views; do
  grep -q "^ *$option\b" expect.out || { cat expect.out; fail "describe transfer lacks $option"; }
done
expect 0 "transfer" "$ESPALIER" list configuration
expect 0 "labels_per_class" "$ESPALIER" describe --markdown
expect 0 "checkpoint_steps" "$ESPALIER" describe train
expect 2 "did you mean 'transfer'" "$ESPALIER" describe transfr
