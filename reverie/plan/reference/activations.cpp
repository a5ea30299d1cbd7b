#include "reverie/plan/reference/activations.h"

#include <algorithm>
#include <cmath>

namespace reverie::reference {
namespace {

using Function = Activation::Function;

const double root_of_half = std::sqrt(0.5);
const double root_of_two_by_pi = std::sqrt(2 / std::acos(-1.0));  // sqrt(2 / pi)

double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }
double softplus(double x) { return std::max(x, 0.0) + std::log1p(std::exp(-std::abs(x))); }

// The argument of gelu_tanh's tangent, and its derivative
double tangent_argument(double x) { return root_of_two_by_pi * (x + 0.044715 * x * x * x); }
double tangent_argument_slope(double x) { return root_of_two_by_pi * (1 + 3 * 0.044715 * x * x); }

}  // namespace

double value_of(const Activation& activation, double x) {
  const double a = activation.a, b = activation.b;
  switch (activation.function) {
    case Function::sigmoid:
      return sigmoid(x);
    case Function::tanh:
      return std::tanh(x);
    case Function::silu:
      return x * sigmoid(a * x);
    case Function::hard_sigmoid:
      return std::clamp(a * x + b, 0.0, 1.0);
    case Function::hard_swish:
      return x * std::clamp(x / 6 + 0.5, 0.0, 1.0);
    case Function::mish:
      return x * std::tanh(softplus(x));
    case Function::gelu:
      return x * std::erfc(-x * root_of_half) / 2;
    case Function::gelu_tanh:
      return x * sigmoid(2 * tangent_argument(x));
    case Function::erf:
      return std::erf(x);
    case Function::softplus:
      return softplus(x);
    case Function::softsign:
      return x / (1 + std::abs(x));
    case Function::elu:
      return x > 0 ? b * x : b * a * std::expm1(x);
    case Function::exp:
      return std::exp(x);
    case Function::log:
      return std::log(x);
    case Function::absolute:
      return std::abs(x);
    case Function::power:
      return std::pow(x, a);
    case Function::clip:
      return std::min(std::max(x, a), b);
  }
  return 0;
}

double derivative_of(const Activation& activation, double x) {
  const double a = activation.a, b = activation.b;
  switch (activation.function) {
    case Function::sigmoid:
      return sigmoid(x) * sigmoid(-x);
    case Function::tanh:
      return 4 * sigmoid(2 * x) * sigmoid(-2 * x);
    case Function::silu:
      return sigmoid(a * x) * (1 + a * x * sigmoid(-a * x));
    case Function::hard_sigmoid:
      return a * x + b > 0 && a * x + b < 1 ? a : 0;
    case Function::hard_swish:
      return x < -3 ? 0 : x <= 3 ? x / 3 + 0.5 : 1;
    case Function::mish: {
      const double tangent = std::tanh(softplus(x));
      return tangent + x * sigmoid(x) * (1 - tangent * tangent);
    }
    case Function::gelu:
      return std::erfc(-x * root_of_half) / 2 + x * std::exp(-x * x / 2) * root_of_two_by_pi / 2;
    case Function::gelu_tanh: {
      const double twice = 2 * tangent_argument(x);
      return sigmoid(twice) * (1 + 2 * x * sigmoid(-twice) * tangent_argument_slope(x));
    }
    case Function::erf:
      return root_of_two_by_pi / root_of_half * std::exp(-x * x);
    case Function::softplus:
      return sigmoid(x);
    case Function::softsign:
      return 1 / ((1 + std::abs(x)) * (1 + std::abs(x)));
    case Function::elu:
      return x > 0 ? b : b * a * std::exp(x);
    case Function::exp:
      return std::exp(x);
    case Function::log:
      return 1 / x;
    case Function::absolute:
      return x > 0 ? 1 : x < 0 ? -1 : 0;
    case Function::power:
      return a == 0 ? 0 : a * std::pow(x, a - 1);
    case Function::clip:
      return x >= a && x <= b ? 1 : 0;
  }
  return 0;
}

}  // namespace reverie::reference
