// bench pack FOLDER: packing a folder of images in this process, beside reading the files alone,
// reading and decoding them, and writing as many bytes.
#include <unistd.h>

#include "bench/benchmark.h"
#include "core/cores.h"
#include "core/error.h"
#include "core/files.h"
#include "image/codec.h"
#include "pack/pack.h"
#include "shards/parallel.h"

namespace espalier::bench {
namespace {

class PackBenchmark : public Benchmark {
 public:
  ~PackBenchmark() override {
    std::error_code none;
    if (!folder_.empty()) std::filesystem::remove_all(folder_, none);
  }

  Fields fields() override {
    return {{"format", &format_, {.help = "format of the source (espalier list format)"}},
            {"threads",
             &threads_,
             {.min = 1, .max = 1024, .help = "threads that pack, read and decode"}}};
  }
  std::string unit() const override { return "images"; }
  std::string example() const override { return "pack photos/ threads=2"; }

  std::vector<Candidate> candidates(const std::vector<std::string>& arguments) override {
    check(arguments.size() == 1, Kind::kUsage,
          "bench pack takes one source of images (try: espalier bench {})", example());
    source_ = pack::open_source(format_, arguments[0]);
    folder_ = std::filesystem::temp_directory_path() / fmt::format("espalier-bench-{}", getpid());
    pack();  // to know how many bytes are written
    const int64_t images = source_->size();
    int64_t written = 0;
    for (const auto& entry : std::filesystem::directory_iterator(folder_ / "out")) {
      written += static_cast<int64_t>(entry.file_size());
    }
    const std::string floor = "read and decode";
    return {{"read the images", floor, images, 0, [this] { read(/*decode=*/false); }},
            {floor, {}, images, 0, [this] { read(/*decode=*/true); }},
            {"write the bytes of the set", floor, images, written, [=, this] { write(written); }},
            {"pack", floor, images, written, [this] { pack(); }}};
  }

 private:
  void read(bool decode) const {
    shards::parallel_for(source_->size(), threads_, [&](int64_t item) {
      const pack::Content content = source_->read(item);
      const auto* bytes = std::get_if<std::vector<uint8_t>>(&content);
      if (decode && bytes != nullptr) image::decode(*bytes);
    });
  }

  void write(int64_t bytes) const {
    write_file(folder_ / "bytes", std::string(static_cast<size_t>(bytes), 'x'));
  }

  void pack() const {
    std::filesystem::remove_all(folder_ / "out");
    pack::PackOptions options;
    options.threads = threads_;
    pack::Packer packer(source_, folder_ / "out", options);
    pack::Alone alone;
    packer.run(alone);
  }

  std::string format_ = "image_folder";
  int64_t threads_ = core_share().cores;
  std::shared_ptr<pack::Format> source_;
  std::filesystem::path folder_;
};

ESPALIER_REGISTER(Benchmark, PackBenchmark, "pack",
                  "packing in this process, beside reading, decoding and writing alone");

}  // namespace
}  // namespace espalier::bench
