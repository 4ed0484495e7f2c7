/* The six schedules as Keras defines them, in float. */
#include <math.h>
#include <stdbool.h>
#include <stdint.h>

#define PI 3.14159265f

#ifndef TABLE
#define COS cosf
#else
#define COS table_cosine
#include "sine_table.h" /* sine_table[i] = sin(2 pi i / 512) for i up to 512; of the driver */

/* The method of CMSIS-DSP's arm_cos_f32: a sine a quarter turn later, interpolated in a table. */
static float table_cosine(float x)
{
    float turns = x * (0.5f / PI) + 0.25f;
    int32_t whole = (int32_t)turns;
    if (turns < 0.0f)
        whole--;
    float place = (turns - (float)whole) * 512.0f;
    uint32_t index = (uint32_t)place;
    if (index >= 512) {
        index = 0;
        place -= 512.0f;
    }
    float fraction = place - (float)index;
    return (1.0f - fraction) * sine_table[index] + fraction * sine_table[index + 1];
}
#endif

struct exponential {
    float initial_learning_rate, decay_steps, decay_rate;
    bool staircase;
};

static float exponential_decay(const struct exponential *schedule, uint32_t step)
{
    float p = (float)step / schedule->decay_steps;
    if (schedule->staircase)
        p = floorf(p);
    return schedule->initial_learning_rate * powf(schedule->decay_rate, p);
}

struct piecewise {
    uint32_t count; /* of boundaries; the values are one more */
    const uint32_t *boundaries;
    const float *values;
};

static float piecewise_constant(const struct piecewise *schedule, uint32_t step)
{
    uint32_t piece = 0;
    while (piece < schedule->count && step > schedule->boundaries[piece])
        piece++;
    return schedule->values[piece];
}

struct polynomial {
    float initial_learning_rate, decay_steps, end_learning_rate, power;
    bool cycle;
};

static float polynomial_decay(const struct polynomial *schedule, uint32_t step)
{
    float s = (float)step;
    float d = schedule->decay_steps;
    if (schedule->cycle)
        d *= step == 0 ? 1.0f : ceilf(s / d);
    else
        s = fminf(s, d);
    float remaining = 1.0f - s / d;
    if (schedule->power != 1.0f)
        remaining = powf(remaining, schedule->power);
    float height = schedule->initial_learning_rate - schedule->end_learning_rate;
    return height * remaining + schedule->end_learning_rate;
}

struct inverse_time {
    float initial_learning_rate, decay_steps, decay_rate;
};

static float inverse_time_decay(const struct inverse_time *schedule, uint32_t step)
{
    float p = (float)step / schedule->decay_steps;
    return schedule->initial_learning_rate / (1.0f + schedule->decay_rate * p);
}

struct cosine {
    float initial_learning_rate, decay_steps, alpha;
    float warmup_target, warmup_steps; /* no warm-up where the steps are 0 */
};

static float cosine_decay(const struct cosine *schedule, uint32_t step)
{
    float s = (float)step;
    float peak = schedule->initial_learning_rate;
    if (schedule->warmup_steps > 0.0f) {
        if (s < schedule->warmup_steps)
            return peak + (schedule->warmup_target - peak) * (s / schedule->warmup_steps);
        s -= schedule->warmup_steps;
        peak = schedule->warmup_target;
    }
    s = fminf(s, schedule->decay_steps);
    float wave = 0.5f * (1.0f + COS(PI * (s / schedule->decay_steps)));
    return peak * ((1.0f - schedule->alpha) * wave + schedule->alpha);
}

struct restarts {
    float initial_learning_rate, first_decay_steps, t_mul, m_mul, alpha;
};

/* The cycle by Keras' logarithm. */
static float cosine_restarts(const struct restarts *schedule, uint32_t step)
{
    float t_mul = schedule->t_mul;
    float done = (float)step / schedule->first_decay_steps; /* in lengths of the cycle */
    float cycle;
    if (t_mul == 1.0f) {
        cycle = floorf(done);
        done -= cycle;
    } else {
        cycle = floorf(logf(1.0f - done * (1.0f - t_mul)) / logf(t_mul));
        float length = powf(t_mul, cycle);
        done = (done - (1.0f - length) / (1.0f - t_mul)) / length;
    }
    float peak = schedule->m_mul == 1.0f ? 1.0f : powf(schedule->m_mul, cycle);
    float wave = 0.5f * peak * (1.0f + COS(PI * done));
    return schedule->initial_learning_rate * ((1.0f - schedule->alpha) * wave + schedule->alpha);
}

/* The cycle by subtracting one length after the other. */
static float cosine_restarts_loop(const struct restarts *schedule, uint32_t step)
{
    float s = (float)step;
    float d = schedule->first_decay_steps;
    float peak = 1.0f;
    while (s >= d) {
        s -= d;
        d *= schedule->t_mul;
        peak *= schedule->m_mul;
    }
    float wave = 0.5f * peak * (1.0f + COS(PI * (s / d)));
    return schedule->initial_learning_rate * ((1.0f - schedule->alpha) * wave + schedule->alpha);
}
