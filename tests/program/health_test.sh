# A run says how healthy it is: hooks without labels, a probe on other images than it trains on, sheets, and warnings
# that are said once, also by a run that was killed and goes on.
source "$SOURCE/tests/regressions/colours.sh"
colours train 20 ant=$red bee=$green cat=$blue
colours labelled 20 ant=$red bee=$green cat=$blue
packed train labelled
colour_run run train.hooks=[probe,health,sheets] train.steps=10 probe.data=labelled.set sheets.every=1
[ "$(value run probe_accuracy 0)" != absent ] || fail "there is no probe of the untrained network"
is "$(value run health_rank_bound)" 8.0 "the bound of the rank of 8 features"
[ -s run/sheets/step-00000000.png ] && [ -s run/sheets/step-00000010.png ] || fail "there are no sheets"
grep -q "the first loss is .* of a fresh network about 1.0986 is expected" run/log.txt || fail "the first loss is not compared with ln 3"
"$ESPALIER" report run --quiet --out page.html
for name in probe_accuracy health_rank_me health_feature_std health_uniformity; do
  grep -q "$name" page.html || fail "the page does not show $name"
done

# least_std=1 asks for more than features can be.
warned() { colour_run "$1" train.hooks=[health] train.steps=20 train.checkpoint_steps=7 health.least_std=1 "${@:2}"; }
said() { grep -c "collapse: after step" "$1/log.txt"; }
warned once
is "$(said once)" 1 "how often a collapse is said"
is "$(value once warning_collapse 5)" 1.0 "the warning's scalar after the first epoch"
is "$(value once warning_collapse 10)" absent "the warning's scalar after the second epoch"
ESPALIER_FAULT="kill:rank=0,step=16" warned killed || true
warned killed --resume
is "$(said killed)" 1 "how often a collapse is said by a run that went on"
grep -q "warned of collapse after step 5" <("$ESPALIER" report killed --quiet --out p.html && cat p.html) || fail "the page does not tell the warning"
