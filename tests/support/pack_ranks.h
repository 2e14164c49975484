// The ranks of a pack as threads of this process.
//
//   PackRanks(3).run([&](pack::Exchange& exchange) {
//     pack::Packer(source, out, options).run(exchange);
//   });
#pragma once

#include <barrier>
#include <exception>
#include <functional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "pack/exchange.h"

namespace espalier {

class PackRanks {
 public:
  // `after_scan` runs on rank 0 when all ranks have scanned and none knows what the others found.
  explicit PackRanks(int ranks, std::function<void()> after_scan = {})
      : barrier_(ranks), after_scan_(std::move(after_scan)), errors_(ranks), texts_(ranks) {}

  // Throws what the first rank throws that does.
  void run(const std::function<void(pack::Exchange&)>& body) {
    std::vector<std::exception_ptr> ends(texts_.size());
    {
      std::vector<std::jthread> threads;
      for (size_t r = 0; r < ends.size(); ++r) {
        threads.emplace_back([this, r, &body, &ends] {
          Rank rank(*this, static_cast<int>(r));
          try {
            body(rank);
          } catch (...) {
            ends[r] = std::current_exception();
          }
        });
      }
    }
    rethrow_first(ends);
  }

 private:
  class Rank : public pack::Exchange {
   public:
    Rank(PackRanks& all, int rank) : all_(all), rank_(rank) {}
    int rank() const override { return rank_; }
    int ranks() const override { return static_cast<int>(all_.texts_.size()); }
    void agree(const std::function<void()>& action) override {
      all_.errors_[rank_] = nullptr;
      try {
        action();
      } catch (...) {
        all_.errors_[rank_] = std::current_exception();
      }
      all_.barrier_.arrive_and_wait();
      const std::vector<std::exception_ptr> errors = all_.errors_;
      all_.barrier_.arrive_and_wait();
      rethrow_first(errors);
    }
    void on_rank_zero(const std::function<void()>& action) override {
      agree(rank_ == 0 ? action : [] {});
    }
    std::vector<std::string> gather(const std::string& text) override {
      if (gathered_++ == 0 && all_.after_scan_) on_rank_zero(all_.after_scan_);
      all_.texts_[rank_] = text;
      all_.barrier_.arrive_and_wait();
      std::vector<std::string> texts = all_.texts_;
      all_.barrier_.arrive_and_wait();
      return texts;
    }

   private:
    PackRanks& all_;
    int rank_, gathered_ = 0;
  };

  static void rethrow_first(const std::vector<std::exception_ptr>& errors) {
    for (const std::exception_ptr& error : errors) {
      if (error) std::rethrow_exception(error);
    }
  }

  std::barrier<> barrier_;
  std::function<void()> after_scan_;
  std::vector<std::exception_ptr> errors_;  // by rank, of the last action
  std::vector<std::string> texts_;          // by rank, of the last exchange
};

}  // namespace espalier
