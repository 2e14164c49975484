// The figures of a sweep, made from a store as the program leaves it.
#include <gmock/gmock.h>

#include <regex>

#include "report/figures/figures.h"
#include "report/figures/history_figures.h"
#include "report/numbers.h"
#include "report/stored_sweep.h"

namespace espalier::report {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

TEST(Figures, EveryRunIsADotOrACrossOverTheCut) {
  const Sweep& sweep = small();
  size_t done = 0, failed = 0;
  for (const Cell& cell : sweep.run().cells) {
    if (cell.labels_per_class != 10) continue;
    done += cell.done();
    failed += !cell.done() && !cell.waiting();
  }
  const auto figures = cut_figures(sweep.look(), 10, gain_range(sweep.all));
  ASSERT_THAT(figures, SizeIs(1));
  EXPECT_EQ(count(figures[0].drawing, "class=\"dot\""), done);
  EXPECT_EQ(count(figures[0].drawing, "class=\"hole\""), failed);
  EXPECT_THAT(figures[0].numbers,
              HasSubstr(percent(sweep.run().find(10, sweep.run().lines().at(0), 1)->accuracy)));
}

TEST(Figures, ASourceHasAFigureOfItsOwnAndControlsStandInEach) {
  const Sweep& sweep = whole();
  const auto figures = cut_figures(sweep.look(), 10, gain_range(sweep.all));
  ASSERT_THAT(figures, SizeIs(2));
  EXPECT_THAT(figures[0].heading, HasSubstr("weights: ours"));
  EXPECT_THAT(figures[1].heading, HasSubstr("weights: public"));
  for (const Figure& figure : figures) EXPECT_THAT(figure.drawing, HasSubstr("selffer_frozen"));
  EXPECT_THAT(figures[0].drawing, HasSubstr(">mean_var</text>"));
  EXPECT_THAT(figures[1].drawing, Not(HasSubstr(">mean_var</text>")));  // of the means of ours
}

TEST(Figures, EffectsAreNamedWhereTheirArmsAreThere) {
  const Sweep &all = whole(), &few = small();
  const std::string with = cut_figures(all.look(), 10, gain_range(all.all)).at(0).drawing;
  const std::string without = cut_figures(few.look(), 10, gain_range(few.all)).at(0).drawing;
  for (const char* name :
       {"co-adaptation dip, cut 3", "specificity, cut 4", "recovery by tuning"}) {
    EXPECT_THAT(with, HasSubstr(name));
  }
  EXPECT_THAT(without, Not(HasSubstr("dip")));
  EXPECT_THAT(without, HasSubstr("boost by pretraining"));
}

TEST(Figures, OfSeveralFactorsTheCutShowsTheOneThatValidationPrefers) {
  SyntheticStore store = small_store();
  store.modes.push_back({"tuned", {0.12, 0.15, 0.16, 0.15}, 1});  // far better held out, too
  const Sweep sweep(store);
  const std::string drawing = cut_figures(sweep.look(), 10, gain_range(sweep.all)).at(0).drawing;
  EXPECT_THAT(drawing, HasSubstr(">tuned ×1</text>"));
  EXPECT_THAT(drawing, Not(HasSubstr(">tuned ×0.1</text>")));
}

TEST(Figures, AModeHasOneLookOnAllOfThePage) {
  SyntheticStore first = small_store(), second = small_store();
  std::swap(second.modes[0], second.modes[1]);
  const TempDir folder;
  write_store(folder / "a", first);
  write_store(folder / "b", second);
  const auto all = read_runs({folder.path()}).transfer;
  for (const Line& line : all[0].lines())
    EXPECT_EQ(Look(all[0], all).slot(line), Look(all[1], all).slot(line));
}

TEST(Figures, TheMapHoldsTheDifferenceOfEveryArm) {
  const Sweep& sweep = whole();
  const auto figures = gain_maps(sweep.look());
  ASSERT_THAT(figures, SizeIs(sweep.run().budgets().size()));
  for (const Row& row : sweep.run().rows)
    if (row.cut > 0 && row.labels_per_class == 1)
      EXPECT_THAT(figures[0].drawing, HasSubstr(">" + points(row.difference.mean) + "<"));
}

TEST(Figures, TheMapShowsWhatIsPlannedAndWhatFailed) {
  SyntheticCells cells({"conv1", "conv2"});
  for (int64_t seed = 0; seed < 3; ++seed) {
    cells.add({"scratch", {}}, 0, 10, seed, 0.5);
    cells.add({"frozen", {}}, 1, 10, seed, 0, "diverged");
    cells.add({"frozen", {}}, 2, 10, seed, 0.6, seed == 0 ? "done" : "waiting");
    cells.add({"tuned", {}, 0.1}, 1, 10, seed, 0.6, "waiting");
    cells.add({"tuned", {}, 0.1}, 2, 10, seed, 0.55);
  }
  const TempDir folder;
  write_sweep(folder / "s", cells);
  const auto all = read_runs({folder / "s"}).transfer;
  const auto figures = gain_maps(Look(all[0], all));
  ASSERT_THAT(figures, SizeIs(1));
  EXPECT_THAT(figures[0].drawing, HasSubstr("title=\"3 runs failed\">✕</td>"));
  EXPECT_THAT(figures[0].drawing, HasSubstr("title=\"no result so far\">…</td>"));
  EXPECT_THAT(figures[0].drawing, HasSubstr(">+10.0</td>"));
}

TEST(Figures, LabelsLieOnALogarithmicScale) {
  const Sweep& sweep = small();
  const auto figures = label_figures(sweep.look());
  ASSERT_THAT(figures, SizeIs(1));
  std::vector<double> places;
  const std::string& text = figures[0].drawing;
  for (const char* label : {"10", "100", "1,000"}) {
    std::smatch found;
    ASSERT_TRUE(std::regex_search(
        text, found,
        std::regex("<text x=\"([0-9.]+)\"[^>]*middle\">" + std::string(label) + "</text>")));
    places.push_back(std::stod(found[1]));
  }
  EXPECT_NEAR(places[1] - places[0], places[2] - places[1], 0.2);
  EXPECT_THAT(text, HasSubstr("reached by scratch with"));
}

TEST(Figures, WhereTheGainEndsIsMarkedAlongScratch) {
  SyntheticCells cells({"conv1", "conv2"});
  for (const auto& [budget, gain] : {std::pair(10, 0.1), std::pair(100, 0.05), {1000, -0.05}})
    for (int64_t seed = 0; seed < 4; ++seed) {
      const double scratch = 0.3 + 0.1 * std::log10(budget) + 0.001 * static_cast<double>(seed);
      cells.add({"scratch", {}}, 0, budget, seed, scratch);
      cells.add({"frozen", {}}, 1, budget, seed, scratch + gain);
    }
  const TempDir folder;
  write_sweep(folder / "s", cells);
  const auto all = read_runs({folder / "s"}).transfer;
  const auto figures = label_figures(Look(all[0], all));
  ASSERT_THAT(figures, SizeIs(1));
  // Half of the way from 100 to 1,000 on the logarithmic scale.
  EXPECT_THAT(figures[0].drawing, HasSubstr("no longer above scratch from 316 labels per class"));
}

TEST(Figures, OneBudgetHasNoCurveOfLabels) {
  SyntheticStore store = small_store();
  store.budgets = {10};
  EXPECT_THAT(label_figures(Sweep(store).look()), IsEmpty());
}

TEST(Figures, FactorsAreShownWhereThereAreSeveral) {
  EXPECT_THAT(factor_figures(small().look()), IsEmpty());
  const Sweep& sweep = whole();
  const auto figures = factor_figures(sweep.look());
  ASSERT_THAT(figures, SizeIs(sweep.run().budgets().size()));  // of ours; public has one factor
  for (const char* part : {">0.1</text>", ">0.3</text>", ">frozen</text>"})
    EXPECT_THAT(figures[0].drawing, HasSubstr(part));
}

TEST(Figures, EverySeedHasALearningCurveBehindTheMean) {
  const Sweep& sweep = small();
  const auto figures = curve_figures(sweep.look());
  ASSERT_THAT(figures, SizeIs(3));
  size_t runs = 0;
  const Row* best = sweep.run().best(10);
  for (const Cell& cell : sweep.run().cells)
    runs += cell.labels_per_class == 10 && cell.done() &&
            (cell.cut == 0 || (cell.cut == best->cut && cell.is_of(best->line)) ||
             (cell.cut == 4 && cell.mode == "frozen"));
  EXPECT_EQ(count(figures[0].drawing, "class=\"line faint\""), 2 * runs);  // loss and validation
}

TEST(Figures, ConfusionsAreThoseOfTheStoredPredictions) {
  const Sweep& sweep = small();
  const Row* best = sweep.run().best(100);
  double right = 0, images = 0;  // of class 3, over the seeds
  for (const Cell& cell : sweep.run().cells) {
    if (cell.labels_per_class != 100 || cell.cut != best->cut || !cell.is_of(best->line)) continue;
    if (!cell.done()) continue;
    const auto bytes = read_bytes(sweep.run().path / "cells" / cell.id / "predictions.bin");
    for (size_t i = 3; i < bytes.size(); i += 10) right += bytes[i] == 3, ++images;
  }
  const auto figures = class_figures(sweep.look());
  ASSERT_THAT(figures, SizeIs(6));
  EXPECT_THAT(figures[2].drawing, HasSubstr("cat taken for cat: " + percent(right / images)));
  EXPECT_THAT(figures[3].numbers, HasSubstr(percent(right / images)));
}

TEST(Figures, ManyClassesAreTheirMostFrequentConfusions) {
  SyntheticStore store = small_store();
  store.classes = 60;
  store.budgets = {100};
  const Sweep sweep(store);
  const auto figures = class_figures(sweep.look());
  ASSERT_THAT(figures, SizeIs(2));
  EXPECT_EQ(count(figures[0].drawing, "<tr>"), 1u + 20);  // with the headings
  EXPECT_EQ(count(figures[1].drawing, "<rect"), 20u);     // ten best, ten worst
  EXPECT_EQ(count(figures[1].numbers, "<tr>"), 1u + 60);
}

TEST(Figures, CostCountsTheChoiceOfSettings) {
  const Sweep& sweep = whole();
  const auto figures = cost_figures(sweep.look());
  ASSERT_THAT(figures, SizeIs(1));
  EXPECT_THAT(figures[0].drawing, HasSubstr("choice of settings"));
  EXPECT_THAT(figures[0].numbers, HasSubstr("<span>all</span>"));
}

TEST(Figures, SweepsStandBesideEachOther) {
  const TempDir folder;
  write_store(folder / "strong", small_store());
  SyntheticStore weak = small_store();
  weak.strength = 0.2;
  write_store(folder / "weak", weak);
  const auto all = read_runs({folder.path()}).transfer;
  const auto figures = sweep_figures(all);
  ASSERT_THAT(figures, SizeIs(6));  // two modes, three budgets
  for (const Figure& figure : figures) {
    EXPECT_THAT(figure.drawing, HasSubstr(">strong</text>"));
    EXPECT_THAT(figure.drawing, HasSubstr(">weak</text>"));
  }
  EXPECT_THAT(sweeps_table(all).rows, SizeIs(6));
  EXPECT_THAT(sweep_figures({all[0]}), IsEmpty());
}

TEST(History, HasTrainingAndValidationBesideEachOther) {
  const auto figures = history_figures({{"loss", {1, 2}, {2, 1}},
                                        {"val_loss", {2}, {1.5}},
                                        {"lr", {1, 2}, {0.1, 0.1}},
                                        {"validation_accuracy", {2}, {0.4}},
                                        {"accuracy", {1, 2}, {0.3, 0.5}}});
  ASSERT_THAT(figures, SizeIs(2));
  for (const Figure& figure : figures) {
    EXPECT_THAT(figure.drawing, HasSubstr(">training</text>"));
    EXPECT_THAT(figure.drawing, HasSubstr(">validation</text>"));
    EXPECT_THAT(figure.drawing, Not(HasSubstr("lr")));
  }
}

}  // namespace
}  // namespace espalier::report
