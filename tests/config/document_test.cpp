#include "config/document.h"

#include <gmock/gmock.h>

#include "core/error.h"
#include "core/files.h"
#include "support/temp_dir.h"

namespace espalier::config {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

struct Options {
  int64_t seed = 1;
  double lr = 0.1;
  bool nesterov = true;
  std::string mode = "fast";
  std::vector<int64_t> widths = {16, 32};
  std::vector<std::string> names;
  Fields top() { return {{"seed", &seed, {}}}; }
  Fields optim() {
    return {{"lr", &lr, {.min = 0, .max = 10, .unit = "a step", .help = "learning rate"}},
            {"nesterov", &nesterov, {}}};
  }
  Fields model() {
    return {{"mode", &mode, {.choices = {"fast", "exact"}}},
            {"widths", &widths, {.min = 1, .help = "one stage each"}},
            {"names", &names, {.help = "free text", .identity = false}}};
  }

  void bind(Document& document) {
    document.bind("", top());
    document.bind("optim", optim());
    document.bind("model", model());
    document.finish();
  }
};

Document bound(const std::string& yaml, Options& options,
               const std::vector<std::string>& overrides = {}) {
  Document document = Document::parse(yaml, "x.yaml");
  for (const std::string& assignment : overrides) document.set(assignment);
  options.bind(document);
  return document;
}

Document bound(const std::string& yaml) {
  Options options;
  return bound(yaml, options);
}

// The message of the kUsage error that reading this ends with.
std::string refusal(const std::string& yaml, const std::vector<std::string>& overrides = {}) {
  Options options;
  try {
    bound(yaml, options, overrides);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), Kind::kUsage);
    return error.what();
  }
  return "accepted";
}

TEST(Document, ValuesReachTheFieldsAndTheRestKeepsItsDefault) {
  Options options;
  bound(
      "seed: 7\noptim:\n  lr: 3e-2\n  nesterov: false\nmodel:\n  widths: [8]\n  names: [a b, c]\n",
      options);
  EXPECT_EQ(options.seed, 7);
  EXPECT_EQ(options.lr, 0.03);
  EXPECT_FALSE(options.nesterov);
  EXPECT_EQ(options.mode, "fast");
  EXPECT_THAT(options.widths, ElementsAre(8));
  EXPECT_THAT(options.names, ElementsAre("a b", "c"));
}

TEST(Document, EmptyKeepsEveryDefault) {
  for (const char* yaml : {"", "# nothing\n", "---\n"}) EXPECT_EQ(refusal(yaml), "accepted");
}

TEST(Document, UnknownOptionNamesItsPlaceAndTheNearestOne) {
  EXPECT_THAT(refusal("optim:\n  nestrov: true\n"),
              AllOf(HasSubstr("x.yaml:2:"), HasSubstr("optim.nestrov"), HasSubstr("'nesterov'")));
  EXPECT_THAT(refusal("optim:\n  lr: 1\n  zzzzzzz: true\n"),
              AllOf(HasSubstr("x.yaml:3:"), HasSubstr("lr, nesterov")));
  EXPECT_THAT(refusal("sead: 3\n"), AllOf(HasSubstr("x.yaml:1:"), HasSubstr("'seed'")));
}

TEST(Document, ASectionWithoutLinesIsAnEmptyOne) {
  EXPECT_EQ(refusal("optim:\n  # lr: 1\nmodel:\n"), "accepted");
  EXPECT_THAT(refusal("optin:\n"), AllOf(HasSubstr("x.yaml:1:1"), HasSubstr("'optim'")));
  EXPECT_THAT(refusal("optim:\noptim:\n  lr: 1\n"), HasSubstr("second time"));
  EXPECT_THAT(refusal("optim: 3\n"), HasSubstr("is a section"));
}

TEST(Document, AnOptionInTheWrongSectionIsToldItsOwn) {
  EXPECT_THAT(refusal("lr: 1\n"), HasSubstr("did you mean 'optim.lr'?"));
  EXPECT_THAT(refusal("", {"lr=1"}), HasSubstr("did you mean 'optim.lr'?"));
  EXPECT_THAT(refusal("model: {lr: 1}\n"), HasSubstr("did you mean 'optim.lr'?"));
  EXPECT_THAT(refusal("optim: {seed: 1}\n"), HasSubstr("did you mean 'seed'?"));
  EXPECT_THAT(refusal("optim.lr: 1\n"), HasSubstr("(try: optim: {lr: ...})"));
}

TEST(Document, AnEmptyOverrideTakesAnOptionBack) {
  Options options;
  bound("optim:\n  lr: 1\n  typo: 3\n", options, {"optim.lr=", "optim.typo="});
  EXPECT_EQ(options.lr, 0.1);
  EXPECT_EQ(refusal("", {"optim.lr="}), "accepted");
  EXPECT_THAT(refusal("", {"optim.lrr="}), HasSubstr("'lr'"));
}

TEST(Document, ForgetsOptionsOfAReplacedPluginThatTheFileGave) {
  Options options;
  Document document = Document::parse("optim: {lr: 1, nesterov: false}\n", "x.yaml");
  EXPECT_EQ(document.replaced("optim", "lr"), "");
  document.set("optim.lr=2");
  EXPECT_EQ(document.replaced("optim", "lr"), "1");
  const Fields kept = {{"name", &options.mode, {}}};
  EXPECT_THAT(document.forget("optim", options.optim(), kept), ElementsAre("nesterov"));
  document.bind("optim", kept);
  EXPECT_THROW(document.finish(), Error);  // an override for what is not there is a mistake
}

TEST(Document, NumbersAreFinite) {
  struct {
    double any = 1;
    Fields fields() { return {{"any", &any, {}}}; }
  } open;
  for (const char* text : {"inf", "-inf", "nan", "-nan", "1e400"}) {
    Document document = Document::parse(std::string("s: {any: ") + text + "}\n", "x.yaml");
    EXPECT_THROW(document.bind("s", open.fields()), Error) << text;
  }
}

TEST(Document, AListHasAtMostAThousandItems) {
  std::string items = "1";
  for (int i = 0; i < 1000; ++i) items += ", 1";
  EXPECT_THAT(refusal("model: {widths: [" + items + "]}\n"), HasSubstr("1001 items"));
}

TEST(Document, UnknownSectionNamesItsPlaceAndTheNearestOne) {
  EXPECT_THAT(refusal("seed: 1\noptin:\n  lr: 1\n"),
              AllOf(HasSubstr("x.yaml:2:1"), HasSubstr("optin"), HasSubstr("'optim'")));
}

TEST(Document, WrongTypeNamesItsPlaceTheValueAndTheTypeWanted) {
  EXPECT_THAT(refusal("optim:\n  lr: fast\n"),
              AllOf(HasSubstr("x.yaml:2:7"), HasSubstr("'fast'"), HasSubstr("number")));
  EXPECT_THAT(refusal("seed: 1.5\n"), AllOf(HasSubstr("x.yaml:1:7"), HasSubstr("integer")));
  EXPECT_THAT(refusal("optim:\n  nesterov: yes\n"), HasSubstr("true or false"));
  EXPECT_THAT(refusal("optim:\n  lr: [1]\n"), HasSubstr("x.yaml:2:7"));
  EXPECT_THAT(refusal("model:\n  widths: 8\n"), AllOf(HasSubstr("x.yaml:2:"), HasSubstr("[8]")));
  EXPECT_THAT(refusal("model:\n  widths: [8, a]\n"), HasSubstr("x.yaml:2:15"));
  EXPECT_THAT(refusal("model:\n  widths: [[8]]\n"), HasSubstr("x.yaml:2:12"));
  EXPECT_THAT(refusal("optim:\n  lr:\n    start: 1\n"), HasSubstr("optim.lr"));
  EXPECT_THAT(refusal("seed: 99999999999999999999\n"), HasSubstr("x.yaml:1:7"));
  EXPECT_THAT(refusal("seed:\n"), HasSubstr("x.yaml:1:"));
  EXPECT_THAT(refusal("[1, 2]\n"), HasSubstr("x.yaml:1:1"));
}

TEST(Document, OutOfRangeNamesItsPlaceTheValueAndTheRange) {
  EXPECT_THAT(refusal("optim:\n  lr: -1\n"), AllOf(HasSubstr("x.yaml:2:7"), HasSubstr("-1"),
                                                   HasSubstr("0 to 10"), HasSubstr("a step")));
  EXPECT_THAT(refusal("optim:\n  lr: nan\n"), HasSubstr("x.yaml:2:7"));
  EXPECT_THAT(refusal("model:\n  widths: [8, 0]\n"),
              AllOf(HasSubstr("x.yaml:2:15"), HasSubstr(">= 1")));
}

TEST(Document, IllegalChoiceNamesTheLegalOnes) {
  EXPECT_THAT(refusal("model:\n  mode: quick\n"),
              AllOf(HasSubstr("x.yaml:2:9"), HasSubstr("'quick'"), HasSubstr("fast, exact")));
}

TEST(Document, NothingMayStandTwice) {
  EXPECT_THAT(refusal("seed: 1\nseed: 2\n"), AllOf(HasSubstr("x.yaml:2:1"), HasSubstr("seed")));
  EXPECT_THAT(refusal("optim:\n  lr: 1\n  lr: 2\n"),
              AllOf(HasSubstr("x.yaml:3:3"), HasSubstr("optim.lr")));
  EXPECT_THAT(refusal("optim:\n  lr: 1\noptim:\n  nesterov: true\n"), HasSubstr("x.yaml:3:1"));
}

TEST(Document, BrokenYamlNamesItsPlace) {
  EXPECT_THAT(refusal("optim:\n\tlr: 1\n"), HasSubstr("x.yaml:2:"));
  EXPECT_THAT(refusal("optim: {lr: 1\n"), HasSubstr("x.yaml:"));
  EXPECT_THAT(refusal("a: *b\n"), HasSubstr("x.yaml:1:"));
  EXPECT_THAT(refusal("seed: 1\n---\nseed: 2\n"), HasSubstr("x.yaml"));
}

TEST(Document, OverrideWinsAndIsNamedInItsErrors) {
  Options options;
  bound("optim:\n  lr: 1\n", options,
        {"optim.lr=2", "optim.lr=3", "seed=9", "model.widths=[4, 5]"});
  EXPECT_EQ(options.lr, 3);
  EXPECT_EQ(options.seed, 9);
  EXPECT_THAT(options.widths, ElementsAre(4, 5));
  EXPECT_THAT(refusal("", {"optim.lr=11"}), HasSubstr("'optim.lr=11'"));
  EXPECT_THAT(refusal("", {"optim.lt=1"}), AllOf(HasSubstr("'optim.lt=1'"), HasSubstr("'lr'")));
  EXPECT_THAT(refusal("", {"optin.lr=1"}), HasSubstr("'optim'"));
  for (const char* broken : {"optim.lr", "=3", "optim={lr: 1}", "optim.lr={a: 1}", "optim.lr=[1",
                             "model.widths=[[1]]", "=", ""})
    EXPECT_NE(refusal("", {broken}), "accepted") << broken;
}

TEST(Document, OverrideOfASectionOnlyAddsToIt) {
  Options options;
  bound("optim:\n  nesterov: false\n", options, {"optim.lr=2"});
  EXPECT_EQ(options.lr, 2);
  EXPECT_FALSE(options.nesterov);
}

TEST(Document, ResolvedIsCompleteAndReadsBackEqual) {
  const std::string strange = "a: #b'\"\\ [] {} \n\t null ~ é";
  Options options;
  options.names = {strange, "true", "1", "", "null", "- x", "*y"};
  options.lr = 0.1 + 0.2;
  const std::string resolved = bound("", options).resolved();
  Options again;
  const Document document = bound(resolved, again);
  EXPECT_EQ(document.resolved(), resolved);
  EXPECT_EQ(again.lr, options.lr);
  EXPECT_EQ(again.names, options.names);
  for (const char* option : {"seed: 1", "lr: ", "nesterov: true", "mode: ", "widths: [16, 32]"})
    EXPECT_THAT(resolved, HasSubstr(option));
}

TEST(Document, ResolvedSectionReadsBackAlone) {
  Options options;
  const std::string text = bound("optim:\n  lr: 2\n", options).resolved_section("optim");
  EXPECT_EQ(text, "optim:\n  lr: 2\n  nesterov: true\n");
}

TEST(Document, HashAndChangesAreThoseOfIdentityOptions) {
  const Document before = bound("model: {names: [a]}\n");
  const Document renamed = bound("model: {names: [b]}\n");
  const Document other = bound("seed: 2\noptim: {lr: 0.3}\n");
  EXPECT_EQ(before.identity_hash(), renamed.identity_hash());
  EXPECT_NE(before.identity_hash(), other.identity_hash());
  EXPECT_THAT(Document::identity_changes(before, renamed), ElementsAre());
  EXPECT_THAT(Document::identity_changes(before, other),
              ElementsAre("optim.lr: 0.1 -> 0.3", "seed: 1 -> 2"));
}

// Another plug-in has other options: what only the run before knew has changed too.
TEST(Document, AnIdentityOptionThatIsGoneIsAChange) {
  Options options;
  const Document before = bound("", options);
  Document after;
  after.bind("", options.top());
  after.bind("model", options.model());
  EXPECT_THAT(Document::identity_changes(before, after),
              ElementsAre("optim.lr: 0.1 -> (unset)", "optim.nesterov: true -> (unset)"));
}

TEST(Document, PeekReadsBeforeBindingAndOverridesCount) {
  Document document = Document::parse("task:\n  name: rotation\n  sizes: [1]\n", "x.yaml");
  EXPECT_EQ(document.peek("task", "name", "none"), "rotation");
  EXPECT_EQ(document.peek("task", "sizes", "none"), "none");
  EXPECT_EQ(document.peek("task", "other", "none"), "none");
  EXPECT_EQ(document.peek("nowhere", "name", "none"), "none");
  document.set("task.name=simclr");
  EXPECT_EQ(document.peek("task", "name", "none"), "simclr");
}

TEST(Document, FillTakesItsOwnOptionsAndRemembersNothing) {
  Options options;
  const Document document = Document::parse("optim:\n  lr: 3\n  other: 1\n", "x.yaml");
  document.fill("optim", options.optim());
  document.fill("model", options.model());
  EXPECT_EQ(options.lr, 3);
  EXPECT_EQ(document.resolved(), "");
  const Document wrong = Document::parse("optim:\n  lr: x\n", "x.yaml");
  EXPECT_THROW(wrong.fill("optim", options.optim()), Error);
}

TEST(Document, LoadRefusesWhatIsNoConfiguration) {
  const TempDir folder;
  EXPECT_THROW(Document::load(folder / "missing.yaml"), Error);
  write_file(folder / "huge.yaml", std::string(2 << 20, '#'));
  EXPECT_THROW(Document::load(folder / "huge.yaml"), Error);
  std::filesystem::resize_file(folder / "huge.yaml", std::uintmax_t{1} << 40);
  EXPECT_THROW(Document::load(folder / "huge.yaml"), Error);
  write_file(folder / "deep.yaml", "a: " + std::string(100'000, '['));
  EXPECT_THROW(Document::load(folder / "deep.yaml"), Error);
  EXPECT_THROW(Document::load(folder.path()), Error);
}

}  // namespace
}  // namespace espalier::config
