/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inbound SPIs: random, but such that the network's packets reach the worker that has the SA. */
#ifndef IKE_SPI_H
#define IKE_SPI_H

#include <stdbool.h>
#include <stdint.h>

#define SPI_MIN 0xc0000000u /* strongSwan's range */
#define SPI_MAX 0xcfffffffu

/* A number of the range, host order, with spi % count == worker. */
uint32_t spi_for_worker(uint32_t random, unsigned worker, unsigned count);

/*
 * A tunnel with several CHILD_SAs of equal selectors has `lanes` workers, from `first` on round
 * all of them: is this one of them?
 */
bool spi_has_worker(unsigned worker, unsigned first, unsigned lanes, unsigned workers);
/*
 * Which of them a new inbound SA is for, by how many each has; `old`: where the SA is that it
 * replaces, -1: none.  It stays there, unless others are there and a lane has none: both ends may
 * replace SAs at once, and then two can come to be in one lane.
 */
unsigned spi_pick_worker(const unsigned *load, int old, unsigned first, unsigned lanes,
			 unsigned workers);

#endif
