# Mutated configurations end with an error of usage on 1 rank as on 2: no signal, no bug of the program, no hang.
/usr/bin/python3 -B "$SOURCE/tests/fuzz/config_mutations.py" run "$ESPALIER" 1 0-2,972,1105 ||
  fail "a mutated configuration ended in another way"
