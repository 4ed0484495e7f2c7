/* One row of the table: -DROW=name says which. With -DKNOWN the schedules are part of this translation unit, and the
 * compiler knows their parameters; without, they are called as from a library. */
#ifdef KNOWN
#define API static
#include "neuron.c"
#include "schedules.c"
#pragma GCC diagnostic ignored "-Wunused-function"
#else
#include "neuron.h"
#include "schedules.h"
#endif
#include "harness.h"

#include <math.h>

static const struct exponential EXPONENTIAL = {0.1f, 1000.0f, 0.95f, false};
static const struct exponential STAIRCASE = {0.1f, 1000.0f, 0.95f, true};
static const uint32_t BOUNDARIES[] = {125, 250, 100000};
static const float VALUES[] = {0.1f, 0.075f, 0.05f, 0.025f};
static const struct piecewise PIECEWISE = {3, BOUNDARIES, VALUES};
static const struct polynomial LINEAR = {0.1f, 1000.0f, 0.001f, 1.0f, true};
static const struct polynomial ROOT = {0.1f, 1000.0f, 0.001f, 0.5f, true};
static const struct polynomial POWER = {0.1f, 1000.0f, 0.001f, 1.7f, false};
static const struct inverse_time INVERSE_TIME = {0.1f, 50.0f, 0.1f, false};
static const struct cosine COSINE = {0.1f, 500.0f, 0.0f, 0.0f, 0.0f};
static const struct cosine LONG_COSINE = {0.1f, 4000000000.0f, 0.0f, 0.0f, 0.0f};
static const struct cosine WARMED = {0.1f, 500.0f, 0.01f, 0.2f, 100.0f};
static const struct restarts RESTARTS = {0.1f, 10.0f, 2.0f, 1.0f, 0.0f};
static const struct restarts FALLING = {0.1f, 10.0f, 2.0f, 0.9f, 0.0f};
static const struct restarts SLOWER = {0.1f, 10.0f, 1.5f, 1.0f, 0.0f};

/* Of the harness, which says what is in it; a neuron of any size fits. */
extern struct {
    struct sgd sgd;
    float neuron[1 + 64];
} state;

static struct neuron *neuron(void)
{
    return (struct neuron *)state.neuron;
}

static float predict(uint32_t input, uint32_t n)
{
    return neuron_predict(neuron(), sample(input), n);
}

static float step(uint32_t input, uint32_t n)
{
    return neuron_step(neuron(), sample(input), n, label(input), state.sgd.learning_rate);
}

static float step_checked(uint32_t input, uint32_t n)
{
    struct report report;
    enum error error = sgd_step(&state.sgd, neuron(), sample(input), n, label(input), &report);
    return error ? NAN : report.loss;
}

enum {
    nothing, exponential, staircase, piecewise, linear, root, power, inverse_time, cosine, long_cosine, warmed,
    restarts, falling, slower, restarts_loop, falling_loop, slower_loop, predict3, predict16, predict64,
    step3, step16, step64, step3_checked, step16_checked, step64_checked,
};

float row(uint32_t input)
{
    switch (ROW) {
    case exponential: return exponential_decay(&EXPONENTIAL, input);
    case staircase: return exponential_decay(&STAIRCASE, input);
    case piecewise: return piecewise_constant(&PIECEWISE, input);
    case linear: return polynomial_decay(&LINEAR, input);
    case root: return polynomial_decay(&ROOT, input);
    case power: return polynomial_decay(&POWER, input);
    case inverse_time: return inverse_time_decay(&INVERSE_TIME, input);
    case cosine: return cosine_decay(&COSINE, input);
    case long_cosine: return cosine_decay(&LONG_COSINE, input);
    case warmed: return cosine_decay(&WARMED, input);
    case restarts: return cosine_restarts(&RESTARTS, input);
    case falling: return cosine_restarts(&FALLING, input);
    case slower: return cosine_restarts(&SLOWER, input);
    case restarts_loop: return cosine_restarts_loop(&RESTARTS, input);
    case falling_loop: return cosine_restarts_loop(&FALLING, input);
    case slower_loop: return cosine_restarts_loop(&SLOWER, input);
    case predict3: return predict(input, 3);
    case predict16: return predict(input, 16);
    case predict64: return predict(input, 64);
    case step3: return step(input, 3);
    case step16: return step(input, 16);
    case step64: return step(input, 64);
    case step3_checked: return step_checked(input, 3);
    case step16_checked: return step_checked(input, 16);
    case step64_checked: return step_checked(input, 64);
    default: return 0.0f;
    }
}
