/* One row of the tables: -DROW=expression computes it. With -DHIDDEN the compiler does not see the
 * parameters of a schedule. */
#include "neuron.c"
#include "schedules.c"

static const struct exponential EXPONENTIAL = {0.1f, 1000.0f, 0.95f, false};
static const struct exponential STAIRCASE = {0.1f, 1000.0f, 0.95f, true};
static const uint32_t BOUNDARIES[] = {125, 250, 100000};
static const float VALUES[] = {0.1f, 0.075f, 0.05f, 0.025f};
static const struct piecewise PIECEWISE = {3, BOUNDARIES, VALUES};
static const struct polynomial LINEAR = {0.1f, 1000.0f, 0.001f, 1.0f, true};
static const struct polynomial ROOT = {0.1f, 1000.0f, 0.001f, 0.5f, true};
static const struct polynomial POWER = {0.1f, 1000.0f, 0.001f, 1.7f, false};
static const struct inverse_time INVERSE_TIME = {0.1f, 50.0f, 0.1f};
static const struct cosine COSINE = {0.1f, 500.0f, 0.0f, 0.0f, 0.0f};
static const struct cosine LONG_COSINE = {0.1f, 4000000000.0f, 0.0f, 0.0f, 0.0f};
static const struct cosine WARMED = {0.1f, 4000000000.0f, 0.01f, 0.2f, 100.0f};
static const struct restarts RESTARTS = {0.1f, 10.0f, 2.0f, 1.0f, 0.0f};
static const struct restarts FALLING = {0.1f, 10.0f, 2.0f, 0.9f, 0.0f};
static const struct restarts EQUAL = {0.1f, 10.0f, 1.0f, 0.999f, 0.0f};
static const struct restarts SLOWER = {0.1f, 10.0f, 1.5f, 1.0f, 0.0f};
static const struct restarts SLOWEST = {0.1f, 10.0f, 1.01f, 0.9f, 0.0f};

#ifdef HIDDEN
#define LR(function, schedule) \
    ({ \
        __auto_type hidden = &schedule; \
        __asm volatile("" : "+r"(hidden)::"memory"); \
        function(hidden, input); \
    })
#else
#define LR(function, schedule) function(&schedule, input)
#endif

/* Of the harness, which says what they hold. */
extern struct {
    struct sgd sgd;
    float neuron[1 + 64];
} state;
extern const float pool[192 + 64];
extern const float labels[2];

#define NEURON ((struct neuron *)state.neuron)
#define SAMPLE (pool + input % 192)
#define LABEL (labels[input % 2])
#define PREDICT(n) neuron_predict(NEURON, SAMPLE, n)
#define STEP(n) neuron_step(NEURON, SAMPLE, n, LABEL, state.sgd.learning_rate)
#define CHECKED(n) checked(input, n)

static float checked(uint32_t input, uint32_t n)
{
    struct report report;
    return sgd_step(&state.sgd, NEURON, SAMPLE, n, LABEL, &report) ? NAN : report.loss;
}

float row(uint32_t input)
{
    return ROW;
}
