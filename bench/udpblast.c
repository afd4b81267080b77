/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The highest rate of UDP packets that arrives with next to no loss.
 *
 * A sender in one network namespace and a receiver in another are two threads of this process, so
 * that both sides' counts are read at one place and nothing but the packets crosses the network.
 * The rate climbs until packets are lost, is narrowed down from there, and then has to hold for
 * the whole time; only that last trial is reported.  The processor time of other processes (the
 * gateways between the two) is read around it.
 */
#include "bench/blast.h"
#include "bench/cpu_of.h"

#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CLIMB 1.5
#define NARROW_ENOUGH 1.1
#define CONFIRMATIONS 10 /* attempts at the whole time ... */
#define SLOWER 0.87 /* ... each that much slower than the one before */

struct search {
	struct blast blast;
	struct cpu_of cpu;
	double start_pps, max_pps, loss;
	double seconds; /* of the trial that counts; those of the search are a sixth of it */
	unsigned trials;
};

static const char usage[] =
	"usage: udpblast --from NETNS=ADDRESS --to NETNS=ADDRESS [OPTIONS]\n"
	"\n"
	"  --spread N       send to N addresses, of which --to is the first\n"
	"  --burst N        that many packets to one address before the next (32)\n"
	"  --size BYTES     of the payload (64)\n"
	"  --segments N     UDP_SEGMENT: hand the kernel N packets at once (0: one by one)\n"
	"  --gro            UDP_GRO at the receiver\n"
	"  --cpus A,B       where sender and receiver run\n"
	"  --seconds S      how long a rate must hold (3)\n"
	"  --loss PERCENT   how much may be missing (1)\n"
	"  --start PPS      the first rate tried (20000)\n"
	"  --max PPS        the highest (4000000)\n"
	"  --trials N       at most so many while searching (24)\n"
	"  --rate PPS       no search: this rate, whatever is lost\n"
	"  --pids P,P,..    whose processor time counts\n";

static noreturn void wrong_use(void)
{
	(void)fputs(usage, stderr);
	exit(64);
}

static double number(const char *text)
{
	char *end;
	double x = strtod(text, &end);

	if (end == text || *end || x < 0)
		wrong_use();
	return x;
}

static void parse_place(char *text, struct place *out)
{
	if (!place_parse(out, text, BLAST_PORT))
		wrong_use();
}

static void parse(int argc, char **argv, struct search *s, double *rate)
{
	static const struct option options[] = {
		{ "from", 1, 0, 'f' },    { "to", 1, 0, 't' },
		{ "spread", 1, 0, 'n' },  { "burst", 1, 0, 'b' },
		{ "size", 1, 0, 's' },    { "segments", 1, 0, 'g' },
		{ "gro", 0, 0, 'G' },     { "cpus", 1, 0, 'c' },
		{ "seconds", 1, 0, 'S' }, { "loss", 1, 0, 'l' },
		{ "start", 1, 0, 'a' },   { "max", 1, 0, 'm' },
		{ "trials", 1, 0, 'T' },  { "rate", 1, 0, 'r' },
		{ "pids", 1, 0, 'p' },    { 0 },
	};

	for (int c; (c = getopt_long(argc, argv, "", options, NULL)) != -1;) {
		switch (c) {
		case 'f':
			parse_place(optarg, &s->blast.from);
			break;
		case 't':
			parse_place(optarg, &s->blast.to);
			break;
		case 'n':
			s->blast.spread = (unsigned)number(optarg);
			break;
		case 'b':
			s->blast.burst = (unsigned)number(optarg);
			break;
		case 's':
			s->blast.size = (unsigned)number(optarg);
			break;
		case 'g':
			s->blast.segments = (unsigned)number(optarg);
			break;
		case 'G':
			s->blast.gro = true;
			break;
		case 'S':
			s->seconds = number(optarg);
			break;
		case 'l':
			s->loss = number(optarg) / 100;
			break;
		case 'a':
			s->start_pps = number(optarg);
			break;
		case 'm':
			s->max_pps = number(optarg);
			break;
		case 'T':
			s->trials = (unsigned)number(optarg);
			break;
		case 'r':
			*rate = number(optarg);
			break;
		case 'p':
			if (!cpu_of_parse(&s->cpu, optarg))
				wrong_use();
			break;
		case 'c':
			if (!place_parse_cpus(optarg, &s->blast.from, &s->blast.to))
				wrong_use();
			break;
		default:
			wrong_use();
		}
	}
	if (!s->blast.from.netns || !s->blast.to.netns || !s->blast.spread || !s->blast.burst ||
	    s->blast.size < BLAST_SIZE_MIN || s->blast.size > BLAST_SIZE_MAX ||
	    s->blast.size * s->blast.segments > BLAST_SIZE_MAX)
		wrong_use();
}

static bool arrives(const struct search *s, const struct trial *t)
{
	return t->received > 0 && (double)(t->sent - t->received) <= s->loss * (double)t->sent;
}

/* A neighbour's hiccup looks like a limit: nothing is one that is not seen twice. */
static bool holds(struct search *s, double pps, struct trial *t)
{
	for (int attempt = 0; attempt < 2 && s->trials; attempt++, s->trials--) {
		*t = blast_trial(&s->blast, pps, s->seconds / 6);
		if (arrives(s, t))
			return true;
	}
	return false;
}

/* The highest rate that held for a short time; 0 when none did. */
static double climb(struct search *s)
{
	double good = 0, bad = 0, pps = s->start_pps;
	struct trial t;

	while (s->trials && pps >= 100) {
		if (holds(s, pps, &t)) {
			good = pps;
			/* The sender itself is the limit: asking it for more is no use. */
			if (t.sent_pps < 0.6 * pps || pps >= s->max_pps)
				return t.sent_pps < pps ? t.sent_pps : pps;
		} else {
			bad = pps;
		}
		if (good > 0 && bad > 0 && bad / good < NARROW_ENOUGH)
			break;
		if (bad <= 0)
			pps = fmin(good * CLIMB, s->max_pps);
		else
			pps = good > 0 ? sqrt(good * bad) : bad / 2;
	}
	return good;
}

static struct trial search(struct search *s, uint64_t *cpu_ns)
{
	double pps = climb(s);
	struct trial t = { 0 };

	for (int i = 0; i < CONFIRMATIONS && pps > 0; i++) {
		uint64_t before = cpu_of_read(&s->cpu);

		t = blast_trial(&s->blast, pps, s->seconds);
		*cpu_ns = cpu_of_read(&s->cpu) - before;
		if (arrives(s, &t))
			return t;
		pps *= SLOWER;
	}
	return (struct trial){ 0 };
}

int main(int argc, char **argv)
{
	static struct search s = {
		.blast = { .spread = 1, .burst = 32, .size = 64, .from.cpu = -1, .to.cpu = -1 },
		.start_pps = 20000,
		.max_pps = 4e6,
		.loss = 0.01,
		.seconds = 3,
		.trials = 24,
	};
	double rate = 0;
	uint64_t cpu_ns = 0;
	struct trial t;

	parse(argc, argv, &s, &rate);
	blast_open(&s.blast);
	if (rate > 0) {
		uint64_t before = cpu_of_read(&s.cpu);

		t = blast_trial(&s.blast, rate, s.seconds);
		cpu_ns = cpu_of_read(&s.cpu) - before;
	} else {
		t = search(&s, &cpu_ns);
	}
	printf("{\"pps\": %.0f, \"sent\": %llu, \"received\": %llu, \"loss\": %.6f, "
	       "\"cpu_ns_per_packet\": %.1f}\n",
	       t.received_pps, (unsigned long long)t.sent, (unsigned long long)t.received,
	       t.sent ? (double)(t.sent - t.received) / (double)t.sent : 0,
	       t.received ? (double)cpu_ns / (double)t.received : 0);
	return 0;
}
