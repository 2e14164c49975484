// The temperatures of a teacher that is surer than its student (Caron et al. 2021, section 3.1 and
// appendix C).
#pragma once

#include "core/options.h"
#include "pretext/blocks/course.h"

namespace espalier::pretext {

struct Sharpening {
  Course teacher{.from = 0.04, .to = 0.07, .curve = Curve::kLinear, .share = 0.3};
  double student = 0.1;

  Fields fields() {
    return {{"teacher_temperature_first",
             &teacher.from,
             {.min = 1e-3, .max = 10, .help = "of the teacher's softmax in the first step"}},
            {"teacher_temperature",
             &teacher.to,
             {.min = 1e-3, .max = 10, .help = "of the teacher's softmax after the warm-up"}},
            {"teacher_warmup",
             &teacher.share,
             {.min = 0,
              .max = 1,
              .unit = "of the run",
              .help = "how long the teacher's temperature rises; the paper's are 30 epochs"}},
            {"student_temperature",
             &student,
             {.min = 1e-3, .max = 10, .help = "of the student's softmax"}}};
  }
};

}  // namespace espalier::pretext
