# '~' and '$HOME' that no shell has replaced are said, with what to write instead, by options and overrides alike.
printf 'data: {shards: "~/photos"}\n' >tilde.yaml
expect 2 "try: $HOME/photos" "$ESPALIER" summary tilde.yaml
: >empty.yaml
expect 2 "try: $HOME/photos" "$ESPALIER" summary empty.yaml 'data.shards=$HOME/photos'
expect 2 "try: $HOME/out" "$ESPALIER" pack --source . --format image_folder '--out=~/out'
expect 2 "try: $HOME/run" "$ESPALIER" pretrain empty.yaml '--out=~/run'
expect 2 "try: $HOME/photos" "$ESPALIER" inspect '~/photos'
[ ! -e '~' ] || fail "a folder named ~ was made"
