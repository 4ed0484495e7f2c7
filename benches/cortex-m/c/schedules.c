#include "schedules.h"

#include <math.h>

#define PI 3.14159265f

/* The cosine may be another one: see table_cosf. */
#ifndef COSF
#define COSF cosf
#else
#include "sine_table.h" /* sine_table[i] = sin(2 pi i / 512), i from 0 to 512; the driver writes it */

/* The method of CMSIS-DSP's arm_cos_f32: the cosine is the sine a quarter turn later, and a sine is read from a table
 * of 512 intervals, with a straight line between two entries. */
static float table_cosf(float x)
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
    float share = place - (float)index;
    return (1.0f - share) * sine_table[index] + share * sine_table[index + 1];
}
#endif

API float exponential_decay(const struct exponential *schedule, uint32_t step)
{
    float p = (float)step / schedule->decay_steps;
    if (schedule->staircase)
        p = floorf(p);
    return schedule->initial_learning_rate * powf(schedule->decay_rate, p);
}

API float piecewise_constant(const struct piecewise *schedule, uint32_t step)
{
    uint32_t piece = 0;
    while (piece < schedule->count && step > schedule->boundaries[piece])
        piece++;
    return schedule->values[piece];
}

API float polynomial_decay(const struct polynomial *schedule, uint32_t step)
{
    float s = (float)step;
    float d = schedule->decay_steps;
    if (schedule->cycle)
        d *= step == 0 ? 1.0f : ceilf(s / d);
    else
        s = fminf(s, d);
    float left = 1.0f - s / d;
    if (schedule->power != 1.0f)
        left = powf(left, schedule->power);
    float height = schedule->initial_learning_rate - schedule->end_learning_rate;
    return height * left + schedule->end_learning_rate;
}

API float inverse_time_decay(const struct inverse_time *schedule, uint32_t step)
{
    float p = (float)step / schedule->decay_steps;
    if (schedule->staircase)
        p = floorf(p);
    return schedule->initial_learning_rate / (1.0f + schedule->decay_rate * p);
}

API float cosine_decay(const struct cosine *schedule, uint32_t step)
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
    float wave = 0.5f * (1.0f + COSF(PI * (s / schedule->decay_steps)));
    return peak * ((1.0f - schedule->alpha) * wave + schedule->alpha);
}

API float cosine_restarts(const struct restarts *schedule, uint32_t step)
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
    float wave = 0.5f * peak * (1.0f + COSF(PI * done));
    return schedule->initial_learning_rate * ((1.0f - schedule->alpha) * wave + schedule->alpha);
}

API float cosine_restarts_loop(const struct restarts *schedule, uint32_t step)
{
    float s = (float)step;
    float d = schedule->first_decay_steps;
    float peak = 1.0f;
    while (s >= d) {
        s -= d;
        d *= schedule->t_mul;
        peak *= schedule->m_mul;
    }
    float wave = 0.5f * peak * (1.0f + COSF(PI * (s / d)));
    return schedule->initial_learning_rate * ((1.0f - schedule->alpha) * wave + schedule->alpha);
}
