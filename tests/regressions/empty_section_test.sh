# A section whose lines are all comments is an empty section, not an option.
printf 'optim:\n  # lr: 0.1\nmodel: {name: conv_bn}\n' >empty.yaml
expect 0 "conv_bn for rotation" "$ESPALIER" summary empty.yaml
printf 'optimm:\n  # lr: 0.1\n' >typo.yaml
expect 2 "did you mean 'optim'" "$ESPALIER" summary typo.yaml
printf 'seed:\n' >nothing.yaml
expect 2 "seed is ''" "$ESPALIER" summary nothing.yaml
