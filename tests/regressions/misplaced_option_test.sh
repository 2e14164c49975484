# An option in the wrong section is answered with the section where it is.
: >empty.yaml
expect 2 "did you mean 'optim.lr'?" "$ESPALIER" summary empty.yaml lr=0.1
expect 2 "did you mean 'data.batch'?" "$ESPALIER" summary empty.yaml batch=4
expect 2 "did you mean 'optim.lr'?" "$ESPALIER" summary empty.yaml train.lr=0.1
printf 'optim.lr: 0.1\n' >dotted.yaml
expect 2 "(try: optim: {lr: ...})" "$ESPALIER" summary dotted.yaml
