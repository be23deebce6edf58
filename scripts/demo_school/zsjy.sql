-- 招生就业系统（zsjy）：招生计划、录取、就业去向与用人单位，招生就业处主管

CREATE TABLE dm_kslb (
    dm varchar(2)  PRIMARY KEY,
    mc varchar(40) NOT NULL
);
COMMENT ON TABLE dm_kslb IS '考生类别码';
COMMENT ON COLUMN dm_kslb.dm IS '代码';
COMMENT ON COLUMN dm_kslb.mc IS '名称';
INSERT INTO dm_kslb VALUES
    ('1', '统一高考'), ('2', '高职单考单招'), ('3', '中高职衔接'), ('4', '退役军人');

CREATE TABLE dm_byqx (
    dm varchar(3)  PRIMARY KEY,
    mc varchar(60) NOT NULL
);
COMMENT ON TABLE dm_byqx IS '毕业去向码';
COMMENT ON COLUMN dm_byqx.dm IS '代码';
COMMENT ON COLUMN dm_byqx.mc IS '名称';
INSERT INTO dm_byqx VALUES
    ('10', '签就业协议形式就业'), ('11', '签劳动合同形式就业'),
    ('46', '应征义务兵'), ('75', '自主创业'),
    ('80', '升学'), ('70', '待就业');

CREATE TABLE zs_zsjh (
    id   bigint       PRIMARY KEY,
    nd   char(4)      NOT NULL,
    zydm varchar(6)   NOT NULL,
    sf   varchar(30)  NOT NULL,
    kslb varchar(2)   REFERENCES dm_kslb (dm),
    jhs  smallint     NOT NULL,
    xf   numeric(8,2)
);
COMMENT ON TABLE zs_zsjh IS '招生计划表';
COMMENT ON COLUMN zs_zsjh.id IS '计划编号';
COMMENT ON COLUMN zs_zsjh.nd IS '年度';
COMMENT ON COLUMN zs_zsjh.zydm IS '专业代码';
COMMENT ON COLUMN zs_zsjh.sf IS '招生省份';
COMMENT ON COLUMN zs_zsjh.kslb IS '考生类别码';
COMMENT ON COLUMN zs_zsjh.jhs IS '计划数';
COMMENT ON COLUMN zs_zsjh.xf IS '学费标准（元／年）';
INSERT INTO zs_zsjh VALUES
    (1, '2024', '510203', '本市', '2', 40, 6000.00),
    (2, '2024', '510203', '外省甲', '1', 10, 6000.00),
    (3, '2024', '460301', '本市', '3', 45, 6000.00);

CREATE TABLE zs_ksxx (
    ksh   varchar(20)  PRIMARY KEY,
    xm    varchar(60)  NOT NULL,
    sfzjh varchar(18),
    kslb  varchar(2)   REFERENCES dm_kslb (dm),
    byxx  varchar(100),
    zf    numeric(6,1),
    lxdh  varchar(20)
);
COMMENT ON TABLE zs_ksxx IS '考生信息表';
COMMENT ON COLUMN zs_ksxx.ksh IS '考生号';
COMMENT ON COLUMN zs_ksxx.xm IS '姓名';
COMMENT ON COLUMN zs_ksxx.sfzjh IS '身份证件号';
COMMENT ON COLUMN zs_ksxx.kslb IS '考生类别码';
COMMENT ON COLUMN zs_ksxx.byxx IS '毕业中学';
COMMENT ON COLUMN zs_ksxx.zf IS '总分';
COMMENT ON COLUMN zs_ksxx.lxdh IS '联系电话';
INSERT INTO zs_ksxx VALUES
    ('K20240001', '考生甲', NULL, '2', '示例中学', 310.0, NULL),
    ('K20240002', '考生乙', NULL, '1', '示例中学', 402.0, NULL),
    ('K20240003', '考生丙', NULL, '3', '示例职高', 285.0, NULL);

CREATE TABLE zs_lqjg (
    ksh   varchar(20) PRIMARY KEY REFERENCES zs_ksxx (ksh),
    nd    char(4)     NOT NULL,
    lqzy  varchar(6)  NOT NULL,
    lqrq  date,
    tzsbh varchar(20)
);
COMMENT ON TABLE zs_lqjg IS '录取结果表';
COMMENT ON COLUMN zs_lqjg.ksh IS '考生号';
COMMENT ON COLUMN zs_lqjg.nd IS '年度';
COMMENT ON COLUMN zs_lqjg.lqzy IS '录取专业代码';
COMMENT ON COLUMN zs_lqjg.lqrq IS '录取日期';
COMMENT ON COLUMN zs_lqjg.tzsbh IS '录取通知书编号';
INSERT INTO zs_lqjg VALUES
    ('K20240001', '2024', '510203', '2024-04-28', 'TZ20240001'),
    ('K20240002', '2024', '510203', '2024-08-12', 'TZ20240002');

CREATE TABLE zs_lqfs (
    nd   char(4)      NOT NULL,
    sf   varchar(30)  NOT NULL,
    zydm varchar(6)   NOT NULL,
    zgf  numeric(6,1),
    zdf  numeric(6,1),
    lqs  smallint,
    PRIMARY KEY (nd, sf, zydm)
);
COMMENT ON TABLE zs_lqfs IS '历年录取分数统计表';
COMMENT ON COLUMN zs_lqfs.nd IS '年度';
COMMENT ON COLUMN zs_lqfs.sf IS '省份';
COMMENT ON COLUMN zs_lqfs.zydm IS '专业代码';
COMMENT ON COLUMN zs_lqfs.zgf IS '最高分';
COMMENT ON COLUMN zs_lqfs.zdf IS '最低分';
COMMENT ON COLUMN zs_lqfs.lqs IS '录取数';
INSERT INTO zs_lqfs VALUES
    ('2023', '外省甲', '510203', 431.0, 389.0, 10),
    ('2024', '外省甲', '510203', 440.0, 395.0, 10);

CREATE TABLE jy_dwxx (
    dwid bigint       PRIMARY KEY,
    dwmc varchar(100) NOT NULL,
    hy   varchar(40),
    dwgm varchar(20),
    lxr  varchar(40),
    lxdh varchar(20)
);
COMMENT ON TABLE jy_dwxx IS '用人单位信息表';
COMMENT ON COLUMN jy_dwxx.dwid IS '单位编号';
COMMENT ON COLUMN jy_dwxx.dwmc IS '单位名称';
COMMENT ON COLUMN jy_dwxx.hy IS '所属行业';
COMMENT ON COLUMN jy_dwxx.dwgm IS '单位规模';
COMMENT ON COLUMN jy_dwxx.lxr IS '联系人';
COMMENT ON COLUMN jy_dwxx.lxdh IS '联系电话';
INSERT INTO jy_dwxx VALUES
    (1, '示例科技有限公司', '软件和信息技术服务业', '100—499 人', '招聘专员', NULL),
    (2, '示例装备制造有限公司', '通用设备制造业', '500 人以上', '人力资源部', NULL);

CREATE TABLE jy_zpxx (
    zpid bigint      PRIMARY KEY,
    dwid bigint      NOT NULL REFERENCES jy_dwxx (dwid),
    gwmc varchar(60) NOT NULL,
    zprs smallint,
    xzfw varchar(40),
    fbsj timestamp
);
COMMENT ON TABLE jy_zpxx IS '招聘信息表';
COMMENT ON COLUMN jy_zpxx.zpid IS '招聘编号';
COMMENT ON COLUMN jy_zpxx.dwid IS '单位编号';
COMMENT ON COLUMN jy_zpxx.gwmc IS '岗位名称';
COMMENT ON COLUMN jy_zpxx.zprs IS '招聘人数';
COMMENT ON COLUMN jy_zpxx.xzfw IS '薪资范围';
COMMENT ON COLUMN jy_zpxx.fbsj IS '发布时间';
INSERT INTO jy_zpxx VALUES
    (1, 1, '软件测试工程师', 5, '6000—8000', '2025-03-10 09:00:00'),
    (2, 2, '设备调试技术员', 10, '5500—7500', '2025-03-11 10:30:00');

CREATE TABLE jy_jyqx (
    xh   varchar(12) PRIMARY KEY,
    bynf char(4)     NOT NULL,
    qxdm varchar(3)  REFERENCES dm_byqx (dm),
    dwid bigint      REFERENCES jy_dwxx (dwid),
    gwmc varchar(60),
    zydk boolean,
    djsj timestamp
);
COMMENT ON TABLE jy_jyqx IS '毕业生就业去向表';
COMMENT ON COLUMN jy_jyqx.xh IS '学号';
COMMENT ON COLUMN jy_jyqx.bynf IS '毕业年份';
COMMENT ON COLUMN jy_jyqx.qxdm IS '毕业去向码';
COMMENT ON COLUMN jy_jyqx.dwid IS '单位编号';
COMMENT ON COLUMN jy_jyqx.gwmc IS '岗位名称';
COMMENT ON COLUMN jy_jyqx.zydk IS '专业是否对口';
INSERT INTO jy_jyqx VALUES
    ('2022040101', '2025', '11', 1, '财务助理', true, '2025-06-20 11:00:00'),
    ('2022010105', '2025', '80', NULL, NULL, NULL, '2025-06-18 09:00:00');

CREATE TABLE jy_gzdc (
    id   bigint        PRIMARY KEY,
    bynf char(4),
    zydm varchar(6),
    myd  numeric(4,1),
    yx   numeric(10,2),
    jy   text
);
COMMENT ON TABLE jy_gzdc IS '毕业生跟踪调查表';
COMMENT ON COLUMN jy_gzdc.id IS '问卷编号';
COMMENT ON COLUMN jy_gzdc.bynf IS '毕业年份';
COMMENT ON COLUMN jy_gzdc.zydm IS '专业代码';
COMMENT ON COLUMN jy_gzdc.myd IS '满意度';
COMMENT ON COLUMN jy_gzdc.yx IS '月薪（元）';
COMMENT ON COLUMN jy_gzdc.jy IS '对学校的建议';
INSERT INTO jy_gzdc VALUES
    (1, '2024', '510203', 92.0, 6500.00, '增加项目实训'),
    (2, '2024', '460301', 90.0, 6200.00, NULL);

CREATE TABLE jy_xjh (
    xjhid bigint      PRIMARY KEY,
    dwid  bigint      REFERENCES jy_dwxx (dwid),
    jbsj  timestamp,
    dd    varchar(60),
    ydrs  integer
);
COMMENT ON TABLE jy_xjh IS '宣讲会安排表';
COMMENT ON COLUMN jy_xjh.xjhid IS '宣讲会编号';
COMMENT ON COLUMN jy_xjh.dwid IS '单位编号';
COMMENT ON COLUMN jy_xjh.jbsj IS '举办时间';
COMMENT ON COLUMN jy_xjh.dd IS '地点';
COMMENT ON COLUMN jy_xjh.ydrs IS '预计人数';
INSERT INTO jy_xjh VALUES
    (1, 1, '2025-03-20 14:00:00', '第一教学楼 101', 120),
    (2, 2, '2025-03-27 14:00:00', '第一教学楼 101', 100);

CREATE VIEW v_jy_jyl AS
SELECT bynf, count(*) AS byrs,
       round(100.0 * count(*) FILTER (WHERE qxdm <> '70') / count(*), 2) AS lsl
  FROM jy_jyqx
 GROUP BY bynf;
COMMENT ON VIEW v_jy_jyl IS '就业去向落实率统计视图';
