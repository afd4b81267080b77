/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ike/spi.h"

uint32_t spi_for_worker(uint32_t random, unsigned worker, unsigned count)
{
	uint32_t spi = SPI_MIN | (random & (SPI_MAX - SPI_MIN));

	spi += (worker + count - spi % count) % count;
	return spi > SPI_MAX ? spi - count : spi;
}

bool spi_has_worker(unsigned worker, unsigned first, unsigned lanes, unsigned workers)
{
	return worker < workers && (worker + workers - first) % workers < lanes;
}

unsigned spi_pick_worker(const unsigned *load, int old, unsigned first, unsigned lanes,
			 unsigned workers)
{
	unsigned best = first;

	for (unsigned i = 1; i < lanes; i++) {
		unsigned worker = (first + i) % workers;

		if (load[worker] < load[best])
			best = worker;
	}
	if (old >= 0 && spi_has_worker((unsigned)old, first, lanes, workers) &&
	    (load[best] > 0 || load[old] < 2))
		return (unsigned)old;
	return best;
}
