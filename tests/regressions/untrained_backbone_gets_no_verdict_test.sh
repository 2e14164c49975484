# A backbone that was never trained (learning rate 0) gets numbers and no verdict: the page says what was measured, and of the
# four statements that nothing is decided.
source "$SOURCE/tests/program/sweeping.sh"
train 1 untrained optim.lr=0 train.steps=2
"$ESPALIER" transfer sweep.yaml --backbone untrained --out out transfer.seeds=3 \
  'transfer.modes=[frozen, tuned, random_frozen, random_tuned]' 'transfer.labels_per_class=[4, 8]' \
  transfer.steps=20 --quiet >table.txt
expect 0 "" "$ESPALIER" report out --out page.html --markdown page.md
sed '/<style>/,/<\/style>/d' page.html >words.txt
cat page.md table.txt >>words.txt
for cause in supported contradicted because "as last layers" adapted pays hurts serve; do
  ! grep -qi -- "$cause" words.txt || { grep -i -- "$cause" words.txt | cut -c1-300; fail "the page says '$cause'"; }
done
for file in page.html page.md table.txt; do
  grep -q "of this one backbone" $file || fail "$file does not say that its intervals are of one backbone"
done
grep -q undecided words.txt || fail "no statement is called undecided"
