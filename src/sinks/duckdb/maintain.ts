import type { Ctx } from '../../contracts/index.js';
import type { WarehouseOptions } from './open.js';

export async function maintainWarehouse(_options: WarehouseOptions, _ctx: Ctx): Promise<void> {}
