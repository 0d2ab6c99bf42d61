#include "robiq/app/train/nt_choice.h"

namespace robiq {

OptionTable<NtChoice> NtChoice::options() {
  using C = NtChoice;
  return joined_tables<C>(
      {gradient_norm_rows<C>(&C::shape,
                             {"batchnorm", &C::batchnorm,
                              "batch statistics in the NT passes: clean updates them once, "
                              "official three times as the "
                              "authors' code, frozen leaves them alone; \"\": the recipe's"}),
       {{"scheme", &C::scheme,
         "NT passes; shared: f(x) is used twice; unit: its backward pass too, one picture at a "
         "time; auto: unit where that is exact and a step takes one picture at a time"},
        {"first_phase", &C::first_phase, "NT in the phases before the main one, too"}}});
}

}  // namespace robiq
