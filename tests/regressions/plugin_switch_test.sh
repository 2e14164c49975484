# An override that names another plug-in leaves out what the file says to the old one alone; a typo is still refused.
config="$SOURCE/configs/supervised/cifar10_cnn.yaml"
said() { expect 0 "$1" "$ESPALIER" summary "$config" "${@:2}" --classes 10 --input 3 32 32; }
sed 's/schedule: cosine/&\n  end: 0.1/' "$config" >ends.yaml
config=ends.yaml
said "optim.end is left out" optim.schedule=step
said "optim.end is left out" optim.schedule=constant
said "optim.epsilon is left out" optim.name=sgd
said "conv_bn for supervised" model.name=conv_bn
said "optim.end is left out" optim.schedule=step optim.gamma=0.5
refused() { expect 2 "$1" "$ESPALIER" summary "$config" "${@:2}" --classes 10 --input 3 32 32; }
refused "optim.end is not an option" optim.schedule=step optim.end=0.1
refused "did you mean 'warmup'" optim.warmpu=0.1
refused "did you mean 'gamma'" optim.schedule=step optim.gama=0.1

# What the file gives goes back to its default with `key=`.
printf 'optim: {schedule: step, end: 0.1}\n' >stale.yaml
expect 2 "optim.end is not an option" "$ESPALIER" summary stale.yaml
expect 0 "" "$ESPALIER" summary stale.yaml optim.end=
