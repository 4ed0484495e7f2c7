/* The six schedules as Keras defines them, in float. */
#ifndef SCHEDULES_H
#define SCHEDULES_H

#include <stdbool.h>
#include <stdint.h>

/* Where one translation unit holds everything, the compiler sees the parameters. */
#ifndef API
#define API
#endif

struct exponential {
    float initial_learning_rate, decay_steps, decay_rate;
    bool staircase;
};

struct piecewise {
    uint32_t count; /* of boundaries; the values are one more */
    const uint32_t *boundaries;
    const float *values;
};

struct polynomial {
    float initial_learning_rate, decay_steps, end_learning_rate, power;
    bool cycle;
};

struct inverse_time {
    float initial_learning_rate, decay_steps, decay_rate;
    bool staircase;
};

struct cosine {
    float initial_learning_rate, decay_steps, alpha;
    float warmup_target, warmup_steps; /* no warm-up where the steps are 0 */
};

struct restarts {
    float initial_learning_rate, first_decay_steps, t_mul, m_mul, alpha;
};

API float exponential_decay(const struct exponential *schedule, uint32_t step);
API float piecewise_constant(const struct piecewise *schedule, uint32_t step);
API float polynomial_decay(const struct polynomial *schedule, uint32_t step);
API float inverse_time_decay(const struct inverse_time *schedule, uint32_t step);
API float cosine_decay(const struct cosine *schedule, uint32_t step);
/* The cycle by Keras' logarithm, and by subtracting one cycle after the other. */
API float cosine_restarts(const struct restarts *schedule, uint32_t step);
API float cosine_restarts_loop(const struct restarts *schedule, uint32_t step);

#endif
