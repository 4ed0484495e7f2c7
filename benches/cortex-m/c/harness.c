/* Start, measure one function, print, end: the same object for C and for Rust.
 *
 * It neither divides nor touches a float, so the arithmetic that a program links is that of the
 * measured function. It prints 32-bit words in hexadecimal: ticks of the calibration; then for
 * every input of the cost the ticks of the empty calls, those of the calls, and bytes of stack;
 * then for every input of the error the bits of the result. */
#include <stdint.h>

#include "inputs.h" /* COST_INPUTS, ERROR_INPUTS, POOL; the driver writes it */

#define SAMPLES 192

typedef float function(uint32_t input);
extern function row;
extern void prepare(void); /* changes the state if its first words are not what the row needs */

/* As words, since nothing here touches a float. Trainer and neuron: every word is 0.1f. */
uint32_t state[80];
const uint32_t pool[SAMPLES + 64] = {POOL};
const uint32_t labels[2] = {0, 0x3f800000}; /* 0 and 1 */

static const uint32_t cost_inputs[] = {COST_INPUTS};
static const uint32_t error_inputs[] = {ERROR_INPUTS};
#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* Semihosting. */

static void host(uint32_t operation, const void *argument)
{
    register uint32_t r0 __asm("r0") = operation;
    register const void *r1 __asm("r1") = argument;
    __asm volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
}

static void print(uint32_t word)
{
    char line[10];
    for (int i = 0; i < 8; i++)
        line[i] = "0123456789abcdef"[word >> (28 - 4 * i) & 15];
    line[8] = '\n';
    line[9] = 0;
    host(0x04, line); /* SYS_WRITE0 */
}

/* Instructions, by SysTick. */

#define SYST ((volatile uint32_t *)0xe000e010) /* control, reload, current */
#define CALLS 256u                             /* the driver knows it too */
#define CALIBRATION 2000000u

__attribute__((naked)) static float empty(uint32_t input)
{
    (void)input;
    __asm("bx lr");
}

__attribute__((noipa)) static uint32_t ticks(function *called, uint32_t input)
{
    uint32_t before = SYST[2];
    for (uint32_t calls = CALLS; calls != 0; calls--)
        called(input);
    return (before - SYST[2]) & 0xffffff;
}

static uint32_t calibrate(void)
{
    SYST[1] = 0xffffff;
    SYST[2] = 0;
    SYST[0] = 5; /* on, from the core's clock */
    uint32_t rounds = CALIBRATION / 2;
    uint32_t before = SYST[2];
    __asm volatile(".syntax unified\n1: subs %0, %0, #1\nbne 1b" : "+l"(rounds)::"cc");
    return (before - SYST[2]) & 0xffffff;
}

/* Stack, by paint. */

#define PAINT 0x57ac4ba5u

__attribute__((noipa)) static uint32_t high_water(function *called, uint32_t input)
{
    uint32_t sp;
    __asm volatile("mov %0, sp" : "=r"(sp));
    /* Below the stack pointer and above the data: nothing there is in use. */
    volatile uint32_t *top = (volatile uint32_t *)sp;
    volatile uint32_t *word = top - 1024;
    while (word != top)
        *word++ = PAINT;
    called(input);
    word = top - 1024;
    while (word != top && *word == PAINT)
        word++;
    return (uint32_t)(top - word) * 4;
}

static void reset_state(void)
{
    for (uint32_t i = 0; i < COUNT(state); i++)
        state[i] = 0x3dcccccd;
    prepare();
    /* Keeps both in every program, so that their bytes are no part of the figures of a row. */
    __asm volatile("" ::"r"(pool), "r"(labels));
}

static void measure(void)
{
    union {
        float value;
        uint32_t bits;
    } result;
    print(calibrate());
    for (uint32_t i = 0; i < COUNT(cost_inputs); i++) {
        uint32_t input = cost_inputs[i];
        reset_state();
        print(ticks(empty, input));
        print(ticks(row, input));
        reset_state();
        print(high_water(row, input) - high_water(empty, input));
    }
    for (uint32_t i = 0; i < COUNT(error_inputs); i++) {
        reset_state();
        result.value = row(error_inputs[i]);
        print(result.bits);
    }
}

/* Start. */

extern uint32_t data_begin[], data_end[], data_load[], bss_begin[], bss_end[], stack_top[];

void reset(void)
{
#ifdef __ARM_FP
    *(volatile uint32_t *)0xe000ed88 |= 0xf << 20; /* the FPU is off at first */
    __asm volatile("dsb\nisb");
#endif
    const uint32_t *from = data_load;
    for (uint32_t *to = data_begin; to != data_end;)
        *to++ = *from++;
    for (uint32_t *to = bss_begin; to != bss_end;)
        *to++ = 0;
    measure();
    host(0x18, (const void *)0x20026); /* SYS_EXIT, with success */
    for (;;) {
    }
}

static void fault(void)
{
    host(0x18, (const void *)0x20023); /* SYS_EXIT, with failure */
    for (;;) {
    }
}

__attribute__((section(".vectors"), used)) static const void *const vectors[4] = {
    stack_top, reset, fault, fault};
