// The functions of one number, against PyTorch's float64 and its autograd (1.13).
#include "reverie/plan/reference/activations.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

namespace reverie::reference {
namespace {

using Function = Activation::Function;

constexpr double infinite = std::numeric_limits<double>::infinity();

struct Trial {
  Activation activation;
  std::vector<double> values, derivatives;  // at each of `places`
};

void expect_same(double ours, double theirs, const Trial& trial, double x) {
  if (std::isinf(theirs))
    EXPECT_EQ(ours, theirs) << function_name(trial.activation.function) << " at " << x;
  else  // the settings are float32
    EXPECT_NEAR(ours, theirs, 1e-7 * std::abs(theirs) + 1e-12)
        << function_name(trial.activation.function) << " at " << x;
}

void expect_same(const std::vector<Trial>& trials, const std::vector<double>& places) {
  for (const Trial& trial : trials)
    for (std::size_t i = 0; i < places.size(); ++i) {
      expect_same(value_of(trial.activation, places[i]), trial.values[i], trial, places[i]);
      expect_same(derivative_of(trial.activation, places[i]), trial.derivatives[i], trial,
                  places[i]);
    }
}

TEST(ActivationFunctions, AreThoseOfPyTorch) {
  const std::vector<double> places = {-30, -4, -1, -0.25, 0, 0.5, 2, 7, 40};
  expect_same(
      {
          {{Function::sigmoid},
           {9.35762296884e-14, 0.0179862099621, 0.26894142137, 0.437823499114, 0.5, 0.622459331202,
            0.880797077978, 0.999088948806, 1},
           {9.35762296884e-14, 0.0176627062133, 0.196611933241, 0.246134082738, 0.25,
            0.235003712202, 0.104993585404, 0.000910221180122, 0}},
          {{Function::tanh},
           {-1, -0.999329299739, -0.761594155956, -0.244918662404, 0, 0.46211715726, 0.964027580076,
            0.999998336944, 1},
           {0, 0.00134095068303, 0.419974341614, 0.940014848806, 1, 0.786447732966, 0.0706508248532,
            3.32610934487e-06, 0}},
          {{Function::silu},
           {-2.80728689065e-12, -0.0719448398484, -0.26894142137, -0.109455874779, 0,
            0.311229665601, 1.76159415596, 6.99362264164, 40},
           {-2.71371066096e-12, -0.0526646148911, 0.0723294881285, 0.37628997843, 0.5,
            0.739961187303, 1.09078424878, 1.00546049707, 1}},
          {{Function::hard_sigmoid, 1.f / 6, 0.5f},
           {0, 0, 0.333333333333, 0.458333333333, 0.5, 0.583333333333, 0.833333333333, 1, 1},
           {0, 0, 0.166666671634, 0.166666671634, 0.166666671634, 0.166666671634, 0.166666671634, 0,
            0}},
          {{Function::hard_swish},
           {-0, -0, -0.333333333333, -0.114583333333, 0, 0.291666666667, 1.66666666667, 7, 40},
           {0, 0, 0.166666666667, 0.416666666667, 0.5, 0.666666666667, 1.16666666667, 1, 1}},
          {{Function::mish},
           {-2.80728689065e-12, -0.072591740792, -0.303401461374, -0.129926963679, 0,
            0.375245211305, 1.94395895953, 6.99998837981, 40},
           {-2.71371066096e-12, -0.0537732097935, 0.0592167558774, 0.439815601722, 0.6,
            0.886424375358, 1.06931793428, 1.00002155916, 1}},
          {{Function::gelu},
           {-0, -0.000126684967332, -0.158655253931, -0.100323418579, 0, 0.345731230637,
            1.9544997361, 6.99999999999, 40},
           {-4.42093840464e-195, -0.000503649661226, -0.0833154705877, 0.304626645116, 0.5,
            0.867495124656, 1.08523180108, 1.00000000006, 1}},
          {{Function::gelu_tanh},
           {-0, -7.02459481923e-05, -0.158808009392, -0.100324649298, 0, 0.345714009825,
            1.95459769409, 7, 40},
           {0, -0.000335123197122, -0.0829640838458, 0.304645904849, 0.5, 0.867369903535,
            1.08609925662, 1, 1}},
          {{Function::erf},
           {-1, -0.999999984583, -0.84270079295, -0.276326390168, 0, 0.520499877813, 0.995322265019,
            1, 1},
           {0, 1.26982346719e-07, 0.415107497421, 1.06001412938, 1.1283791671, 0.878782578935,
            0.0206669853541, 5.915962958e-22, 0}},
          {{Function::softplus},
           {9.35762296884e-14, 0.0181499279178, 0.313261687518, 0.575939419879, 0.69314718056,
            0.97407698418, 2.12692801104, 7.00091146645, 40},
           {9.35762296884e-14, 0.0179862099621, 0.26894142137, 0.437823499114, 0.5, 0.622459331202,
            0.880797077978, 0.999088948806, 1}},
          {{Function::softsign},
           {-0.967741935484, -0.8, -0.5, -0.2, 0, 0.333333333333, 0.666666666667, 0.875,
            0.975609756098},
           {0.00104058272633, 0.04, 0.25, 0.64, 1, 0.444444444444, 0.111111111111, 0.015625,
            0.00059488399762}},
          {{Function::elu, 0.7f},
           {-0.7, -0.687179052778, -0.44248439118, -0.15483945185, 0, 0.5, 2, 7, 40},
           {6.55033607819e-14, 0.0128209472221, 0.25751560882, 0.54516054815, 0.7, 1, 1, 1, 1}},
          {{Function::elu, 1.6732632423543772f, 1.0507009873554805f},
           {-1.75809934085, -1.72589862819, -1.11133073781, -0.388890197478, 0, 0.525350493678,
            2.10140197471, 7.35490691149, 42.0280394942},
           {1.64516307734e-13, 0.0322007126575, 0.646768603035, 1.36920914337, 1.75809934085,
            1.05070098736, 1.05070098736, 1.05070098736, 1.05070098736}},
          {{Function::exp},
           {9.35762296884e-14, 0.0183156388887, 0.367879441171, 0.778800783071, 1, 1.6487212707,
            7.38905609893, 1096.63315843, 2.35385266837e+17},
           {9.35762296884e-14, 0.0183156388887, 0.367879441171, 0.778800783071, 1, 1.6487212707,
            7.38905609893, 1096.63315843, 2.35385266837e+17}},
          {{Function::absolute},
           {30, 4, 1, 0.25, 0, 0.5, 2, 7, 40},
           {-1, -1, -1, -1, 0, 1, 1, 1, 1}},
          {{Function::power, 3},
           {-27000, -64, -1, -0.015625, 0, 0.125, 8, 343, 64000},
           {2700, 48, 3, 0.1875, 0, 0.75, 12, 147, 4800}},
          {{Function::power, 2},
           {900, 16, 1, 0.0625, 0, 0.25, 4, 49, 1600},
           {-60, -8, -2, -0.5, 0, 1, 4, 14, 80}},
          {{Function::clip, -1, 7},
           {-1, -1, -1, -0.25, 0, 0.5, 2, 7, 7},
           {0, 0, 1, 1, 1, 1, 1, 1, 0}},
      },
      places);
}

TEST(ActivationFunctions, FromZeroUpwardsAreThoseOfPyTorch) {
  expect_same(
      {
          {{Function::log},
           {-infinite, -1.38629436112, 0, 2.19722457734},
           {infinite, 4, 1, 0.111111111111}},
          {{Function::power, 0.5f}, {0, 0.5, 1, 3}, {infinite, 1, 0.5, 0.166666666667}},
          {{Function::power, -1},
           {infinite, 4, 1, 0.111111111111},
           {-infinite, -16, -1, -0.0123456790123}},
          {{Function::power, 0}, {1, 1, 1, 1}, {0, 0, 0, 0}},
          {{Function::power, 1.75f},
           {0, 0.0883883476483, 1, 46.7653718044},
           {0, 0.618718433538, 1.75, 9.09326673974}},
      },
      {0, 0.25, 1, 9});
}

TEST(ActivationFunctions, LargeNumbersStayNumbers) {
  for (int f = 0; f <= static_cast<int>(Function::clip); ++f)
    for (double x : {-1e4, 1e4}) {
      const Activation activation{static_cast<Function>(f), 1, 1};
      if (activation.function == Function::log && x < 0) continue;
      if (activation.function == Function::exp && x > 0) continue;
      EXPECT_TRUE(std::isfinite(value_of(activation, x))) << function_name(activation.function);
      EXPECT_TRUE(std::isfinite(derivative_of(activation, x)))
          << function_name(activation.function);
    }
}

}  // namespace
}  // namespace reverie::reference
