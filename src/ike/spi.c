/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ike/spi.h"

uint32_t spi_for_worker(uint32_t random, unsigned worker, unsigned count)
{
	uint32_t spi = SPI_MIN | (random & (SPI_MAX - SPI_MIN));

	spi += (worker + count - spi % count) % count;
	return spi > SPI_MAX ? spi - count : spi;
}
