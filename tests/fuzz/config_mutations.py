"""Random mutations of the shipped configurations: values to extremes, keys dropped, renamed, doubled or moved, sections
emptied, lists in the place of values, bytes that are no YAML.

  config_mutations.py write COUNT SEED FOLDER        files for the target config_fuzz
  config_mutations.py run PROGRAM SEED FIRST-LAST    each on 1 and on 2 ranks, in the working folder; also 3,7-9

`run` wants a process that ends with 0, 2, 3 or 4 within a minute, with the same code on 1 and 2 ranks; whatever else
it does is printed with the configuration, and the exit code is 1.
"""
import os
import pathlib
import random
import struct
import subprocess
import sys

SOURCE = pathlib.Path(__file__).resolve().parents[2]
# In this order, and no others: a case keeps its number.
CONFIGS = [SOURCE / "configs" / name for name in (
    "pretrain/inpaint_cifar10_resnet18.yaml", "pretrain/rotation_cifar10_nin.yaml", "pretrain/rotation_fashion_mnist.yaml",
    "pretrain/simclr_cifar10_resnet18.yaml", "supervised/cifar10_cnn.yaml")]
NAMES = ["sgd", "adam", "adamw", "cosine", "step", "constant", "rotation", "inpaint", "simclr", "supervised", "cnn", "conv_bn",
         "resnet18", "knn", "validate", "exact", "fast", "auto", "mpi", "f64", "f32", "bf16", "fp16", "batch", "group",
         "none", "cuda", "cpu", "local_copy", "mmap", "block", "scaled", "data/grey", "data/colour", "data/none", "flip",
         "resize(1, 1)", "crop(0, 0, 5, 5)", "byol(size=32)", "random_resized_crop(size=17)", "mae"]
SMALL = ["0", "1", "2", "4", "8", "0.1", "0.5", "0.9", "true", "false", "[1]", "[8, 8]", "[0.5]", "''"]
VALUES = ["0", "-1", "1", "2", "3", "5", "8", "64", "0.5", "1e-9", "1e9", "1e300", "inf", "-inf", "nan", "1e400", "9223372036854775807",
          "-9223372036854775808", "9223372036854775800", "4611686018427387904", "99999999999999999999", "100000000",
          "true", "false", "null", "~", "''", "[]", "[1]", "[0]", "[-1, 2]", "[[1]]", "{}", "{a: 1}", "[1, 2, 3]", "[8, 8]",
          "'\\0'", '"\\0"', '"a\\nb"', "x" * 5000, "/dev/null", "/proc/self/mem", "~/x", "$HOME", "*a", "&a 1", "!!int x", "| x",
          "[" + "1, " * 1500 + "1]", "- 1", "0x10", "1_000", "é", "1e", "[a, b", "\t"]


def entries_of(path):
    """A configuration as a list of [section, key, value]; sections are "" at the top."""
    entries, section = [], ""
    for line in path.read_text().splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        key, _, value = line.partition(":")
        if line[0] == " ":
            entries.append([section, key.strip(), value.strip()])
        elif value.strip():
            entries.append(["", key, value.strip()])
        else:
            section = key
    return entries


def text_of(entries):
    lines, opened = [], None
    for section, key, value in entries:
        if section != opened and section:
            lines.append(f"{section}:")
        opened = section
        lines.append(f"{'  ' if section else ''}{key}: {value}")
    return "\n".join(lines) + "\n"


def mutate(entries, draw):
    sections = sorted({entry[0] for entry in entries if entry[0]}) + ["transfer", "nowhere"]
    for _ in range(draw.choice([1, 1, 1, 1, 2, 2, 3])):
        if not entries:
            break
        at = draw.randrange(len(entries))
        entry = entries[at]
        kind = draw.randrange(11)
        if kind <= 3:
            entry[2] = draw.choice([SMALL, VALUES, NAMES, SMALL + NAMES + VALUES][kind])
        elif kind == 4:
            del entries[at]
        elif kind == 5:
            entry[1] = draw.choice([entry[1][:-1], entry[1] + "s", "", "name", draw.choice(entries)[1], entry[1].upper()])
        elif kind == 6:
            entries.insert(at, list(entry))
        elif kind == 7:
            entry[0] = draw.choice(sections + [""])
        elif kind == 8:
            entries[:] = [other for other in entries if other[0] != entry[0]]
            entries.insert(0, ["", entry[0] or "seed", draw.choice(["", "", "[]", "3", "x"])])
        elif kind == 9:
            entry[2] = entry[2][1:-1] if entry[2].startswith("[") else f"[{entry[2]}, {draw.choice(VALUES)}]"
        else:
            entries.append([draw.choice(sections), draw.choice(entries)[1], draw.choice(VALUES)])
    text = text_of(entries)
    if draw.random() < 0.1:
        place = draw.randrange(len(text))
        text = draw.choice([text[:place], text[:place] + draw.choice(VALUES + ["\0", "\t", "}", ":"]) + text[place:]])
    return text


def mutation(seed, number):
    draw = random.Random(f"{seed} {number}")
    path = draw.choice(CONFIGS)
    entries = entries_of(path)
    colour = "cifar10" in path.read_text()
    for entry in entries:
        if entry[:2] in (["data", "shards"], ["data", "validation"]):
            entry[2] = "data/colour" if colour else "data/grey"
        if entry[:2] == ["data", "batch"]:
            entry[2] = "16"
        if entry[:2] == ["parallel", "lanes"]:
            entry[2] = "4"
        if entry[1] in ("epochs", "checkpoint_steps"):
            entry[2] = "1"
    return mutate(entries, draw)


def pack(program):
    """Two sets of 32 images: data/grey and data/colour."""
    draw = random.Random(1)
    pathlib.Path("raw").mkdir(exist_ok=True)
    pathlib.Path("raw/x-images-idx3-ubyte").write_bytes(struct.pack(">4i", 2051, 32, 28, 28) + draw.randbytes(32 * 784))
    pathlib.Path("raw/x-labels-idx1-ubyte").write_bytes(struct.pack(">2i", 2049, 32) + bytes(i % 10 for i in range(32)))
    pathlib.Path("raw/x.bin").write_bytes(b"".join(bytes([i % 10]) + draw.randbytes(3072) for i in range(32)))
    for source, form, out in (("raw/x", "idx", "data/grey"), ("raw/x.bin", "cifar", "data/colour")):
        if not pathlib.Path(out).exists():
            subprocess.run([program, "pack", "--quiet", "--source", source, "--format", form, "--out", out], check=True)


def end_of(command):
    """The exit code and what was said; "hang" after a minute."""
    with open("said.txt", "w+b") as said:
        process = subprocess.Popen(command, stdout=said, stderr=said, start_new_session=True)
        try:
            code = process.wait(timeout=90)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, 9)
            process.wait()
            code = "hang"
        said.seek(0)
        return code, said.read().decode(errors="replace")


def numbers_of(text):
    for part in text.split(","):
        first, _, last = part.partition("-")
        yield from range(int(first), int(last or first) + 1)


def run(program, seed, numbers):
    pack(program)
    os.environ.update(OMPI_ALLOW_RUN_AS_ROOT="1", OMPI_ALLOW_RUN_AS_ROOT_CONFIRM="1")
    mpi = ["mpirun", "-n", "2", "--oversubscribe", "--bind-to", "none"]
    bad, codes = 0, {}
    for number in numbers:
        text = mutation(seed, number)
        pathlib.Path("mutated.yaml").write_text(text)
        ends = []
        for start in ([], mpi):
            subprocess.run(["rm", "-rf", "out"], check=True)
            ends.append(end_of([*start, program, "pretrain", "mutated.yaml", "--quiet", "--out", "out", "train.steps=2",
                                "train.deadline_seconds=60"]))
        codes[ends[0][0]] = codes.get(ends[0][0], 0) + 1
        # One lane is enough for one rank only.
        unequal = ends[0][0] != ends[1][0] and "ranks cannot share" not in ends[1][1]
        if unequal or any(code not in (0, 2, 3, 4) for code, _ in ends):
            bad += 1
            print(f"mutation {number} of seed {seed}: {ends[0][0]} on 1 rank, {ends[1][0]} on 2\n{text}", flush=True)
            for _, said in ends:
                print(said[-1500:])
    print(f"{len(numbers)} mutations, exit codes on 1 rank {codes}, {bad} wrong")
    return 1 if bad else 0


def main(arguments):
    if arguments[0] == "run":
        return run(os.path.abspath(arguments[1]), arguments[2], list(numbers_of(arguments[3])))
    folder = pathlib.Path(arguments[3])
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(int(arguments[1])):
        (folder / f"{number:05d}").write_text(mutation(arguments[2], number))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
