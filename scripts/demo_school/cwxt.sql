-- 财务管理系统（cwxt）：预算、凭证、收费、工资发放、采购招标、审计整改，财务处主管
-- 表前缀：cw_ 财务，zb_ 招投标，sj_ 审计

CREATE TABLE cw_dm_kjkm (
    kmdm varchar(10) NOT NULL,
    kmmc varchar(60) NOT NULL,
    jdfx varchar(2),
    CONSTRAINT pk_cw_dm_kjkm PRIMARY KEY (kmdm)
);
COMMENT ON TABLE cw_dm_kjkm IS '会计科目码（政府会计制度）';
COMMENT ON COLUMN cw_dm_kjkm.kmdm IS '科目代码';
COMMENT ON COLUMN cw_dm_kjkm.kmmc IS '科目名称';
COMMENT ON COLUMN cw_dm_kjkm.jdfx IS '余额方向';
INSERT INTO cw_dm_kjkm VALUES
    ('1002', '银行存款', '借'), ('1601', '固定资产', '借'),
    ('4101', '事业收入', '贷'), ('5001', '业务活动费用', '借'),
    ('5101', '单位管理费用', '借');

CREATE TABLE cw_dm_zjly (
    dm varchar(2)  NOT NULL,
    mc varchar(40) NOT NULL,
    CONSTRAINT pk_cw_dm_zjly PRIMARY KEY (dm)
);
COMMENT ON TABLE cw_dm_zjly IS '资金来源码';
COMMENT ON COLUMN cw_dm_zjly.dm IS '代码';
COMMENT ON COLUMN cw_dm_zjly.mc IS '名称';
INSERT INTO cw_dm_zjly VALUES
    ('1', '财政拨款'), ('2', '事业收入'), ('3', '科研事业收入'), ('9', '其他收入');

CREATE TABLE cw_ys (
    ysid bigint        NOT NULL,
    nd   char(4)       NOT NULL,
    bmdm varchar(10)   NOT NULL,
    xmmc varchar(100)  NOT NULL,
    zjly varchar(2),
    ysje numeric(14,2) NOT NULL,
    CONSTRAINT pk_cw_ys PRIMARY KEY (ysid),
    CONSTRAINT fk_cw_ys_zjly FOREIGN KEY (zjly) REFERENCES cw_dm_zjly (dm)
);
COMMENT ON TABLE cw_ys IS '部门预算表';
COMMENT ON COLUMN cw_ys.ysid IS '预算编号';
COMMENT ON COLUMN cw_ys.nd IS '年度';
COMMENT ON COLUMN cw_ys.bmdm IS '部门代码';
COMMENT ON COLUMN cw_ys.xmmc IS '预算项目';
COMMENT ON COLUMN cw_ys.zjly IS '资金来源码';
COMMENT ON COLUMN cw_ys.ysje IS '预算金额（元）';
INSERT INTO cw_ys VALUES
    (1, '2024', '202', '教学运行经费', '1', 3200000.00),
    (2, '2024', '401', '校园网运维', '1', 860000.00),
    (3, '2024', '402', '图书与数据库购置', '2', 640000.00);

CREATE TABLE cw_yszx (
    id   bigint        NOT NULL,
    ysid bigint        NOT NULL,
    yf   varchar(7)    NOT NULL,
    zxje numeric(14,2) NOT NULL,
    zxl  numeric(5,2),
    CONSTRAINT pk_cw_yszx PRIMARY KEY (id),
    CONSTRAINT fk_cw_yszx_ysid FOREIGN KEY (ysid) REFERENCES cw_ys (ysid)
);
COMMENT ON TABLE cw_yszx IS '预算执行表';
COMMENT ON COLUMN cw_yszx.id IS '执行编号';
COMMENT ON COLUMN cw_yszx.ysid IS '预算编号';
COMMENT ON COLUMN cw_yszx.yf IS '月份';
COMMENT ON COLUMN cw_yszx.zxje IS '执行金额（元）';
COMMENT ON COLUMN cw_yszx.zxl IS '执行率';
INSERT INTO cw_yszx VALUES
    (1, 1, '2024-06', 1510000.00, 47.19), (2, 2, '2024-06', 420000.00, 48.84),
    (3, 3, '2024-06', 210000.00, 32.81);

CREATE TABLE cw_jsgk (
    nd   char(4)       NOT NULL,
    lx   varchar(10)   NOT NULL,
    bt   varchar(100),
    gkrq date,
    srhj numeric(16,2),
    zchj numeric(16,2),
    CONSTRAINT pk_cw_jsgk PRIMARY KEY (nd, lx)
);
COMMENT ON TABLE cw_jsgk IS '预决算公开表';
COMMENT ON COLUMN cw_jsgk.nd IS '年度';
COMMENT ON COLUMN cw_jsgk.lx IS '类型（预算、决算）';
COMMENT ON COLUMN cw_jsgk.bt IS '公开标题';
COMMENT ON COLUMN cw_jsgk.gkrq IS '公开日期';
COMMENT ON COLUMN cw_jsgk.srhj IS '收入合计（元）';
COMMENT ON COLUMN cw_jsgk.zchj IS '支出合计（元）';
INSERT INTO cw_jsgk VALUES
    ('2023', '决算', '2023 年度部门决算', '2024-08-30', 268000000.00, 264500000.00),
    ('2024', '预算', '2024 年度部门预算', '2024-02-28', 275000000.00, 275000000.00);

CREATE TABLE cw_pz (
    pzid bigint       NOT NULL,
    pzrq date         NOT NULL,
    pzzh varchar(10),
    zy   varchar(200),
    zdr  varchar(10),
    shr  varchar(10),
    CONSTRAINT pk_cw_pz PRIMARY KEY (pzid)
);
COMMENT ON TABLE cw_pz IS '会计凭证表';
COMMENT ON COLUMN cw_pz.pzid IS '凭证编号';
COMMENT ON COLUMN cw_pz.pzrq IS '凭证日期';
COMMENT ON COLUMN cw_pz.pzzh IS '凭证字号';
COMMENT ON COLUMN cw_pz.zy IS '摘要';
COMMENT ON COLUMN cw_pz.zdr IS '制单人工号';
INSERT INTO cw_pz VALUES
    (1, '2024-06-05', '记-0012', '购置实训耗材', 'G1102', 'G1101'),
    (2, '2024-06-12', '记-0048', '支付网络专线费', 'G1102', 'G1101');

CREATE TABLE cw_pzfl (
    pzid bigint        NOT NULL,
    flh  smallint      NOT NULL,
    kmdm varchar(10)   NOT NULL,
    jfje numeric(14,2),
    dfje numeric(14,2),
    CONSTRAINT pk_cw_pzfl PRIMARY KEY (pzid, flh),
    CONSTRAINT fk_cw_pzfl_pzid FOREIGN KEY (pzid) REFERENCES cw_pz (pzid),
    CONSTRAINT fk_cw_pzfl_kmdm FOREIGN KEY (kmdm) REFERENCES cw_dm_kjkm (kmdm)
);
COMMENT ON TABLE cw_pzfl IS '凭证分录表';
COMMENT ON COLUMN cw_pzfl.pzid IS '凭证编号';
COMMENT ON COLUMN cw_pzfl.flh IS '分录号';
COMMENT ON COLUMN cw_pzfl.kmdm IS '科目代码';
COMMENT ON COLUMN cw_pzfl.jfje IS '借方金额';
COMMENT ON COLUMN cw_pzfl.dfje IS '贷方金额';
INSERT INTO cw_pzfl VALUES
    (1, 1, '5001', 22400.00, 0), (1, 2, '1002', 0, 22400.00),
    (2, 1, '5101', 36000.00, 0), (2, 2, '1002', 0, 36000.00);

CREATE TABLE cw_sfbz (
    sfid integer       NOT NULL,
    sfxm varchar(60)   NOT NULL,
    sfbz numeric(10,2) NOT NULL,
    jldw varchar(20),
    pzwh varchar(100),
    CONSTRAINT pk_cw_sfbz PRIMARY KEY (sfid)
);
COMMENT ON TABLE cw_sfbz IS '收费标准表';
COMMENT ON COLUMN cw_sfbz.sfid IS '收费编号';
COMMENT ON COLUMN cw_sfbz.sfxm IS '收费项目';
COMMENT ON COLUMN cw_sfbz.sfbz IS '收费标准（元）';
COMMENT ON COLUMN cw_sfbz.jldw IS '计量单位';
COMMENT ON COLUMN cw_sfbz.pzwh IS '批准文号';
INSERT INTO cw_sfbz VALUES
    (1, '学费（工科类）', 6000.00, '元／生·学年', NULL),
    (2, '住宿费（六人间）', 750.00, '元／生·学年', NULL);

CREATE TABLE cw_xssf (
    id   bigint        NOT NULL,
    xh   varchar(12)   NOT NULL,
    sfid integer       NOT NULL,
    xn   varchar(9)    NOT NULL,
    yjje numeric(10,2),
    sjje numeric(10,2),
    jfsj timestamp,
    CONSTRAINT pk_cw_xssf PRIMARY KEY (id),
    CONSTRAINT fk_cw_xssf_sfid FOREIGN KEY (sfid) REFERENCES cw_sfbz (sfid)
);
COMMENT ON TABLE cw_xssf IS '学生缴费表';
COMMENT ON COLUMN cw_xssf.id IS '缴费编号';
COMMENT ON COLUMN cw_xssf.xh IS '学号';
COMMENT ON COLUMN cw_xssf.sfid IS '收费编号';
COMMENT ON COLUMN cw_xssf.xn IS '学年';
COMMENT ON COLUMN cw_xssf.yjje IS '应缴金额';
COMMENT ON COLUMN cw_xssf.sjje IS '实缴金额';
COMMENT ON COLUMN cw_xssf.jfsj IS '缴费时间';
INSERT INTO cw_xssf VALUES
    (1, '2023010101', 1, '2024-2025', 6000.00, 6000.00, '2024-08-30 10:12:00'),
    (2, '2023010102', 1, '2024-2025', 6000.00, 0.00, NULL);

CREATE TABLE cw_gzff (
    id   bigint        NOT NULL,
    gh   varchar(10)   NOT NULL,
    yf   varchar(7)    NOT NULL,
    yfgz numeric(10,2),
    kkhj numeric(10,2),
    sfgz numeric(10,2),
    yhzh varchar(30),
    CONSTRAINT pk_cw_gzff PRIMARY KEY (id)
);
COMMENT ON TABLE cw_gzff IS '工资发放表';
COMMENT ON COLUMN cw_gzff.id IS '发放编号';
COMMENT ON COLUMN cw_gzff.gh IS '工号';
COMMENT ON COLUMN cw_gzff.yf IS '月份';
COMMENT ON COLUMN cw_gzff.yfgz IS '应发工资';
COMMENT ON COLUMN cw_gzff.kkhj IS '扣款合计';
COMMENT ON COLUMN cw_gzff.sfgz IS '实发工资';
COMMENT ON COLUMN cw_gzff.yhzh IS '银行账号';
INSERT INTO cw_gzff VALUES
    (1, 'G2001', '2024-06', 9800.00, 2100.00, 7700.00, NULL),
    (2, 'G2002', '2024-06', 8200.00, 1800.00, 6400.00, NULL);

CREATE TABLE cw_kyjf (
    xmbh  varchar(20)   NOT NULL,
    fzrgh varchar(10),
    ye    numeric(12,2),
    djzt  boolean       DEFAULT false,
    CONSTRAINT pk_cw_kyjf PRIMARY KEY (xmbh)
);
COMMENT ON TABLE cw_kyjf IS '科研经费账户表';
COMMENT ON COLUMN cw_kyjf.xmbh IS '科研项目编号';
COMMENT ON COLUMN cw_kyjf.fzrgh IS '负责人工号';
COMMENT ON COLUMN cw_kyjf.ye IS '账户余额（元）';
COMMENT ON COLUMN cw_kyjf.djzt IS '是否冻结';
INSERT INTO cw_kyjf VALUES
    ('KY2023001', 'G2001', 11640.00, false),
    ('HX2024002', 'G2003', 35600.00, false);

CREATE TABLE cw_bx (
    bxdh varchar(20)   NOT NULL,
    gh   varchar(10)   NOT NULL,
    ysid bigint,
    bxje numeric(12,2) NOT NULL,
    bxsy varchar(200),
    zt   varchar(10),
    CONSTRAINT pk_cw_bx PRIMARY KEY (bxdh),
    CONSTRAINT fk_cw_bx_ysid FOREIGN KEY (ysid) REFERENCES cw_ys (ysid)
);
COMMENT ON TABLE cw_bx IS '报销单';
COMMENT ON COLUMN cw_bx.bxdh IS '报销单号';
COMMENT ON COLUMN cw_bx.gh IS '报销人工号';
COMMENT ON COLUMN cw_bx.ysid IS '预算编号';
COMMENT ON COLUMN cw_bx.bxje IS '报销金额（元）';
COMMENT ON COLUMN cw_bx.bxsy IS '报销事由';
COMMENT ON COLUMN cw_bx.zt IS '状态';
INSERT INTO cw_bx VALUES
    ('BX20240601001', 'G2001', 1, 1560.00, '参加课程建设会议', '已支付'),
    ('BX20240612003', 'G2004', 1, 320.00, '购买教学参考资料', '审核中');

CREATE TABLE zb_cgxm (
    xmbh varchar(20)   NOT NULL,
    xmmc varchar(200)  NOT NULL,
    cgfs varchar(20)   NOT NULL,
    ysje numeric(14,2),
    ggrq date,
    zt   varchar(10),
    CONSTRAINT pk_zb_cgxm PRIMARY KEY (xmbh)
);
COMMENT ON TABLE zb_cgxm IS '采购招标项目表';
COMMENT ON COLUMN zb_cgxm.xmbh IS '采购项目编号';
COMMENT ON COLUMN zb_cgxm.xmmc IS '项目名称';
COMMENT ON COLUMN zb_cgxm.cgfs IS '采购方式';
COMMENT ON COLUMN zb_cgxm.ysje IS '预算金额（元）';
COMMENT ON COLUMN zb_cgxm.ggrq IS '公告日期';
COMMENT ON COLUMN zb_cgxm.zt IS '状态';
INSERT INTO zb_cgxm VALUES
    ('CG2024-011', '工业机器人实训室设备采购', '公开招标', 2860000.00, '2024-04-15', '已成交'),
    ('CG2024-018', '校园网核心交换机更新', '竞争性磋商', 780000.00, '2024-05-20', '已成交');

CREATE TABLE zb_pbjl (
    id   bigint        NOT NULL,
    xmbh varchar(20)   NOT NULL,
    tbr  varchar(100)  NOT NULL,
    bj   numeric(14,2),
    pbdf numeric(5,2),
    pwxm varchar(60),
    CONSTRAINT pk_zb_pbjl PRIMARY KEY (id),
    CONSTRAINT fk_zb_pbjl_xmbh FOREIGN KEY (xmbh) REFERENCES zb_cgxm (xmbh)
);
COMMENT ON TABLE zb_pbjl IS '评标记录表';
COMMENT ON COLUMN zb_pbjl.id IS '评标编号';
COMMENT ON COLUMN zb_pbjl.xmbh IS '采购项目编号';
COMMENT ON COLUMN zb_pbjl.tbr IS '投标人';
COMMENT ON COLUMN zb_pbjl.bj IS '投标报价（元）';
COMMENT ON COLUMN zb_pbjl.pbdf IS '评标得分';
COMMENT ON COLUMN zb_pbjl.pwxm IS '评委';
INSERT INTO zb_pbjl VALUES
    (1, 'CG2024-011', '示例供应商甲', 2790000.00, 92.30, '评委甲'),
    (2, 'CG2024-011', '示例供应商乙', 2830000.00, 88.10, '评委甲');

CREATE TABLE zb_zbjg (
    xmbh varchar(20)   NOT NULL,
    zbr  varchar(100)  NOT NULL,
    zbje numeric(14,2) NOT NULL,
    gsrq date,
    htbh varchar(30),
    CONSTRAINT pk_zb_zbjg PRIMARY KEY (xmbh),
    CONSTRAINT fk_zb_zbjg_xmbh FOREIGN KEY (xmbh) REFERENCES zb_cgxm (xmbh)
);
COMMENT ON TABLE zb_zbjg IS '中标成交结果表';
COMMENT ON COLUMN zb_zbjg.xmbh IS '采购项目编号';
COMMENT ON COLUMN zb_zbjg.zbr IS '中标人';
COMMENT ON COLUMN zb_zbjg.zbje IS '中标金额（元）';
COMMENT ON COLUMN zb_zbjg.gsrq IS '公示日期';
COMMENT ON COLUMN zb_zbjg.htbh IS '合同编号';
INSERT INTO zb_zbjg VALUES
    ('CG2024-011', '示例供应商甲', 2790000.00, '2024-05-10', 'HT-CG2024-011'),
    ('CG2024-018', '示例供应商丙', 765000.00, '2024-06-12', 'HT-CG2024-018');

CREATE TABLE sj_sjxm (
    sjid bigint       NOT NULL,
    sjmc varchar(200) NOT NULL,
    sjlx varchar(20),
    fxwt text,
    zgqk text,
    zgqx date,
    CONSTRAINT pk_sj_sjxm PRIMARY KEY (sjid)
);
COMMENT ON TABLE sj_sjxm IS '审计项目与整改表';
COMMENT ON COLUMN sj_sjxm.sjid IS '审计编号';
COMMENT ON COLUMN sj_sjxm.sjmc IS '审计项目名称';
COMMENT ON COLUMN sj_sjxm.sjlx IS '审计类型';
COMMENT ON COLUMN sj_sjxm.fxwt IS '发现问题';
COMMENT ON COLUMN sj_sjxm.zgqk IS '整改情况';
COMMENT ON COLUMN sj_sjxm.zgqx IS '整改期限';
INSERT INTO sj_sjxm VALUES
    (1, '2023 年预算执行审计', '预算执行', '个别项目执行进度偏慢', '已制定整改计划', '2024-09-30');

CREATE VIEW v_cw_yszxl AS
SELECT y.nd, y.bmdm, sum(y.ysje) AS ysje, sum(z.zxje) AS zxje
  FROM cw_ys y LEFT JOIN cw_yszx z ON z.ysid = y.ysid
 GROUP BY y.nd, y.bmdm;
COMMENT ON VIEW v_cw_yszxl IS '部门预算执行率视图';
