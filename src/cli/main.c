/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

int main(void)
{
	printf("heatscore %s\n", HEATSCORE_VERSION);
	return 0;
}
